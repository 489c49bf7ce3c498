import { describeStoreFaults } from "../../../../conformance/storeFaults.ts";
import { startS3Server } from "../../../../fakes/cloud/s3Server.ts";
import { openStore, owner } from "./s3Fake.ts";

describeStoreFaults({
  name: "s3",
  hasChecksums: true,
  async start() {
    const server = await startS3Server({ credentials: [owner], buckets: { bucket: {} } });
    return {
      origin: server.origin,
      open: (origin, options) => openStore(`s3://${origin}/bucket/a/layer`, options),
      seed: (key, bytes) => server.seed("bucket", `a/layer/${key}`, bytes),
      secrets: () => [owner.accessKeyId, owner.secretAccessKey],
      close: () => server.close(),
    };
  },
});
