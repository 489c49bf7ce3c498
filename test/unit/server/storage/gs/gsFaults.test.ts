/** The gs driver behind a proxy that spoils replies; its tokens come from a service account's key, whose signature the fake checks. */
import { describeStoreFaults } from "../../../../conformance/storeFaults.ts";
import { openGsScene } from "./gsScene.ts";

describeStoreFaults({
  name: "gs",
  hasChecksums: true,
  async start() {
    const scene = await openGsScene();
    return {
      origin: scene.server.origin,
      open: (origin, { limits, clock }) => scene.open({ origin, clock, limits }),
      seed: (key, bytes) => void scene.server.seed("bucket", `root/${key}`, bytes),
      secrets: () => scene.secrets(),
      expireCredential: () => scene.server.tokens.expireAll(),
      close: () => scene.close(),
    };
  },
});
