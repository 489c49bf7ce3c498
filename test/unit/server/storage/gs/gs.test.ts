/** The gs driver against the fake service, which checks tokens and rights. */
import { describeStore } from "../../../../conformance/store.ts";
import { openGsScene } from "./gsScene.ts";

describeStore({
  name: "gs",
  hasEncodings: true,
  listOrder: "key",
  keepsFacts: true,
  async open(limits) {
    const scene = await openGsScene();
    return {
      store: scene.open({ limits }),
      async seed(key, bytes, encoding) {
        scene.server.seed("bucket", `root/${key}`, bytes, encoding && { contentEncoding: encoding });
      },
      close: () => scene.close(),
    };
  },
});
