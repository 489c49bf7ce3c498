import { gunzipSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { InvalidChunkError } from "../../../../server/src/errors.ts";
import { createMemDriver } from "../../../../server/src/storage/mem/mem.ts";
import { parseLocation } from "../../../../server/src/storage/parseLocation.ts";
import {
  createTextReader,
  type Decompress,
  maxTextBytes,
  readTextObject,
} from "../../../../server/src/storage/readText.ts";
import { defaultStoreOptions, type Store } from "../../../../server/src/storage/store.ts";
import { tagOf } from "../../../conformance/store.ts";

const decompress: Decompress = (bytes, _encoding, maxBytes) => {
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    throw new InvalidChunkError("broken", {}, { cause: error });
  }
};

async function storeOf(bytes: Uint8Array, encoding?: "gzip"): Promise<Store> {
  const store = createMemDriver().open(parseLocation("mem://b/layer"), defaultStoreOptions);
  await store.put?.("info", bytes, { ...(encoding && { encoding }) });
  return store;
}

test("a text is decompressed and decoded", async () => {
  const text = `{"a":"ü😀"}`;
  expect((await readTextObject(await storeOf(Buffer.from(text)), "info", decompress))?.text).toBe(text);
  expect(await createTextReader(decompress)(await storeOf(gzipSync(text), "gzip"), "info")).toBe(text);
});

test("an absent text is undefined", async () => {
  expect(await readTextObject(await storeOf(Buffer.from("")), "other", decompress)).toBeUndefined();
});

test("a byte order mark is kept for the caller to report", async () => {
  expect(
    (await readTextObject(await storeOf(Uint8Array.from([0xef, 0xbb, 0xbf, 0x7b])), "info", decompress))?.text,
  ).toBe("\uFEFF{");
});

test("bytes that are not UTF-8, or damaged compression, are invalid metadata", async () => {
  expect(await tagOf(readTextObject(await storeOf(Uint8Array.from([0x7b, 0xff])), "info", decompress))).toBe(
    "invalid_metadata",
  );
  expect(await tagOf(readTextObject(await storeOf(Buffer.from("x"), "gzip"), "info", decompress))).toBe(
    "invalid_metadata",
  );
});

test("a large text is refused, also one that only expands to be large", async () => {
  expect(await tagOf(readTextObject(await storeOf(new Uint8Array(maxTextBytes + 1)), "info", decompress))).toBe(
    "too_large",
  );
  const bomb = gzipSync(new Uint8Array(maxTextBytes + 1));
  expect(await tagOf(readTextObject(await storeOf(bomb, "gzip"), "info", decompress))).toBe("invalid_metadata");
});
