/** The JSON Schemas of documents: they fit their own examples and what real tools write, and refuse what is wrong. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import volume from "../../../schemas/formats/precomputedVolume.schema.json" with { type: "json" };
import provenance from "../../../schemas/formats/provenance.schema.json" with { type: "json" };
import type { DocumentKind } from "../../../server/src/lint/rule.ts";
import { type JsonSchema, schemaAt } from "../../../server/src/lint/schema.ts";
import { encodings, grapheneKeys, knownDataTypes, scaleKeys, volumeKeys } from "../../../server/src/lint/vocabulary.ts";
import { describeWithShared } from "../../fakes/shared.ts";

const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
ajv.addVocabulary(["enumDescriptions"]);
const schemas = { volume, provenance } as const;
const validators = { volume: ajv.compile(volume), provenance: ajv.compile(provenance) };

describe.each(["volume", "provenance"] as const)("the schema of a %s", (name) => {
  const validate = validators[name];

  it("is a valid draft-07 schema with a title", () => {
    expect(ajv.validateSchema(schemas[name])).toBe(true);
    expect(schemas[name].$schema).toBe("http://json-schema.org/draft-07/schema#");
    expect(schemas[name].title).not.toBe("");
  });

  it("fits its examples", () => {
    expect(schemas[name].examples.length).toBeGreaterThan(1);
    for (const example of schemas[name].examples) {
      validate(example);
      expect(validate.errors ?? []).toEqual([]);
    }
  });

  it("describes every field, and every name of a list", () => {
    const undescribed: string[] = [];
    visit(schemas[name] as JsonSchema, name, (schema, pointer) => {
      const isField = /\/properties\/[^/]+$/.test(pointer);
      const hasAllNames =
        schema.enumDescriptions === undefined || schema.enumDescriptions.length === schema.enum?.length;
      if ((isField && !schema.description) || !hasAllNames) {
        undescribed.push(pointer);
      }
    });
    expect(undescribed).toEqual([]);
  });
});

function visit(schema: JsonSchema, pointer: string, look: (schema: JsonSchema, pointer: string) => void): void {
  look(schema, pointer);
  for (const [key, part] of Object.entries(schema.properties ?? {})) {
    visit(part, `${pointer}/properties/${key}`, look);
  }
  for (const [key, part] of Object.entries(schema.definitions ?? {})) {
    visit(part, `${pointer}/definitions/${key}`, look);
  }
}

describe("the schema and the linter", () => {
  it("know the same names", () => {
    const { properties, definitions } = volume as JsonSchema;
    expect(Object.keys(properties ?? {}).toSorted()).toEqual([...volumeKeys, ...grapheneKeys].toSorted());
    expect(Object.keys(definitions?.["scale"]?.properties ?? {}).toSorted()).toEqual([...scaleKeys].toSorted());
    expect(definitions?.["scale"]?.properties?.["encoding"]?.enum).toEqual(encodings);
    expect([...(properties?.["data_type"]?.enum ?? [])].toSorted()).toEqual([...knownDataTypes].toSorted());
  });

  it.each([
    ["volume", ["scales", 0, "size"], "Voxels along x, y and z."],
    ["volume", ["scales", 3, "sharding", "hash"], "Function from the shifted chunk id"],
    ["provenance", ["processing", 0, "by"], "E-mail address"],
  ] as const)("find what %s says at %j", (kind, at, text) => {
    expect(schemaAt(kind, at)?.description).toContain(text);
  });

  it.each([
    ["volume", ["scales", 0, "nothing"]],
    ["volume", ["__proto__"]],
    ["volume", ["type", "x"]],
    ["mesh", ["mip"]],
  ] as const)("find nothing for %s at %j", (kind: DocumentKind, at) => {
    expect(schemaAt(kind, at)).toBeUndefined();
  });
});

describe("the schema of a volume", () => {
  const example = volume.examples[0];
  it.each([
    ["a size of two numbers", { scales: [{ ...example?.scales[0], size: [1, 2] }] }],
    ["a flat chunk_sizes", { scales: [{ ...example?.scales[0], chunk_sizes: [64, 64, 64] }] }],
    ["no scales", { scales: [] }],
    ["an unknown type", { type: "labels" }],
    ["a fraction of a channel", { num_channels: 1.5 }],
  ])("refuses %s", (_, change) => {
    expect(validators.volume({ ...example, ...change })).toBe(false);
  });
});

describeWithShared("real documents fit their schema", ["data", "infos"], (folder) => {
  const manifest = JSON.parse(readFileSync(path.join(folder, "manifest.json"), "utf8")) as {
    readonly good: readonly { readonly id: string; readonly file: string; readonly kind: string }[];
  };
  const ours = manifest.good.filter(({ kind }) => ["precomputed-volume", "graphene", "provenance"].includes(kind));

  it.each(ours)("$id", ({ file, kind }) => {
    const validate = validators[kind === "provenance" ? "provenance" : "volume"];
    validate(JSON.parse(readFileSync(path.join(folder, "good", file), "utf8")));
    expect(validate.errors ?? []).toEqual([]);
  });
});
