/** The gs driver against the fake service, which checks tokens and rights. */
import { beforeAll, afterAll } from "vitest";
import { describeStore } from "../../../../conformance/store.ts";
import { createGsDriver } from "../../../../../server/src/storage/gs/gs.ts";
import { parseLocation } from "../../../../../server/src/storage/parseLocation.ts";
import { defaultStoreOptions } from "../../../../../server/src/storage/store.ts";
import { createFakeClock } from "../../../../fakes/clock.ts";
import { startGcsServer } from "../../../../fakes/cloud/gcsServer.ts";

describeStore({
  name: "gs",
  hasEncodings: true,
  listOrder: "key",
  async open(limits) {
    const server = await startGcsServer({ accounts: [{ email: "a@example.com" }], buckets: { bucket: {} } });
    const driver = createGsDriver({
      origin: server.origin,
      clock: createFakeClock(),
      find: async () => ({
        credential: { kind: "bearer", token: server.tokens.issue("a@example.com") },
        identity: { kind: "signed in" },
      }),
    });
    return {
      store: driver.open(parseLocation("gs://bucket/root"), { ...defaultStoreOptions, ...limits }),
      async seed(key, bytes, encoding) {
        server.seed("bucket", `root/${key}`, bytes, encoding && { contentEncoding: encoding });
      },
      close: () => server.close(),
    };
  },
});
