import { createHttpDriver } from "../../../../../server/src/storage/http/http.ts";
import { parseLocation } from "../../../../../server/src/storage/parseLocation.ts";
import { describeStoreFaults } from "../../../../conformance/storeFaults.ts";
import { startFakeServer } from "../../../../fakes/httpServer.ts";

describeStoreFaults({
  name: "http",
  hasChecksums: false,
  async start() {
    const server = await startFakeServer({ hasIndex: true });
    return {
      origin: server.origin,
      open: (origin, { limits, clock }) => createHttpDriver({ clock }).open(parseLocation(`${origin}/layer`), limits),
      seed: (key, bytes) => server.objects.set(`layer/${key}`, { bytes }),
      secrets: () => [],
      close: () => server.close(),
    };
  },
});
