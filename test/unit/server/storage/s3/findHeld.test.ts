import { expect, test } from "vitest";
import { findHeld } from "../../../../../server/src/storage/s3/findHeld.ts";

const scope = { service: "aws", origin: "https://a", bucket: "b" };
const held = (origin: string, accessKeyId: string, bucket?: string) => ({
  origin,
  ...(bucket !== undefined && { bucket }),
  credential: { kind: "aws", accessKeyId, secretAccessKey: "s" } as const,
  identity: { kind: "signed in", name: accessKeyId } as const,
});

test("the bucket's credential goes before the origin's; those of others do not fit", async () => {
  const sources = { held: [held("https://x", "X"), held("https://a", "A"), held("https://a", "B", "b")] };
  expect(await findHeld(scope, sources, {})).toMatchObject({ identity: { name: "B" } });
  expect(await findHeld({ ...scope, bucket: "c" }, sources, {})).toMatchObject({ identity: { name: "A" } });
  expect(await findHeld({ ...scope, origin: "https://z" }, sources, {})).toMatchObject({
    credential: { kind: "chain" },
  });
});

test("nothing held is the chain, or nobody where only held ones may be used", async () => {
  expect((await findHeld(scope, undefined, {})).credential).toEqual({ kind: "chain" });
  expect((await findHeld(scope, { heldOnly: true }, {})).credential).toEqual({ kind: "anonymous" });
});
