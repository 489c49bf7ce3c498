import { expect, test } from "vitest";
import { createMemDriver } from "../../../../server/src/storage/mem/mem.ts";
import { parseLocation } from "../../../../server/src/storage/parseLocation.ts";
import { createStoreOpener } from "../../../../server/src/storage/registry.ts";
import { defaultStoreOptions } from "../../../../server/src/storage/store.ts";

const open = createStoreOpener([createMemDriver()]);

test("a location is opened by the driver of its scheme", () => {
  expect(open(parseLocation("mem://b/x"), defaultStoreOptions).location.text).toBe("mem://b/x");
});

test.each([
  ["gs://b/a b", "https://storage.googleapis.com/b/a%20b"],
  ["s3://b/x", "https://s3.amazonaws.com/b/x"],
  ["s3://https://host/b/x", "https://host/b/x"],
  ["graphene://middleauth+https://host/x", "copy the layer"],
])("%s is understood, not opened, and the error says what to open", (text, hint) => {
  expect(() => open(parseLocation(text), defaultStoreOptions)).toThrow(
    expect.objectContaining({
      tag: "unsupported",
      message: expect.stringContaining("known: mem"),
      fields: expect.objectContaining({ hint: expect.stringContaining(hint) }),
    }),
  );
});

test("a scheme with two drivers is a defect", () => {
  expect(() => createStoreOpener([createMemDriver(), createMemDriver()])).toThrow(/registered twice/);
});
