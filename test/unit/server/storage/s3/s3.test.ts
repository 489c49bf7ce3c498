import { parseLocation } from "../../../../../server/src/storage/parseLocation.ts";
import { describeStore, type StoreUnderTest } from "../../../../conformance/store.ts";
import { startS3Server } from "../../../../fakes/cloud/s3Server.ts";
import { openStore, owner } from "./s3Fake.ts";

function onFake(name: string, place: (origin: string) => Parameters<typeof openStore>): StoreUnderTest {
  return {
    name,
    hasEncodings: true,
    listOrder: "key",
    keepsFacts: true,
    async open(limits) {
      const server = await startS3Server({ credentials: [owner], buckets: { bucket: {} } });
      const [location, options] = place(server.origin);
      return {
        store: openStore(location, { ...options, limits }),
        async seed(key, bytes, encoding) {
          server.seed("bucket", `a/layer/${key}`, bytes, encoding && { "content-encoding": encoding });
        },
        close: () => server.close(),
      };
    },
  };
}

describeStore(onFake("s3 of an endpoint", (origin) => [`s3://${origin}/bucket/a/layer`]));

describeStore(
  onFake("s3 of Amazon, its hosts led to a fake", (origin) => [
    parseLocation("s3://bucket/a/layer"),
    {
      endpointOf: () => `http://localhost:${new URL(origin).port}`,
      lookup: (_host, { all }, done) =>
        all === true ? done(null, [{ address: "127.0.0.1", family: 4 }]) : done(null, "127.0.0.1", 4),
    },
  ]),
);
