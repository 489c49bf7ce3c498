/** What the buttons of the table of scales do, as edits. Rows are copied as source, so that their layout and numbers stay. */
import type { FieldEdit, JsonPath } from "../../../schemas/messages/infoEditor.ts";
import { parametersOf, requiredParameters } from "./fieldSpecs.ts";
import { elementsOf, type JsonDocument, memberOf, type Node, nodeAt, sourceOf } from "./jsonDocument.ts";
import { ceilDivide, floorDivide } from "./quantities.ts";

/** How much coarser an added scale is, along x, y, z. */
export const downsampleFactor = [2, 2, 1] as const;

/** Fields that belong to the chunks of one scale and are not handed down. */
const ownFields = ["sharding", "locked", "rois", "hidden"];

const emptyScale =
  '{"key": "1_1_1", "size": [1, 1, 1], "voxel_offset": [0, 0, 0], "resolution": [1, 1, 1], "chunk_sizes": [[64, 64, 64]], "encoding": "raw"}';

/** Appends a scale that is the last one downsampled (size rounded up, offset down), or a first one. */
export function addScale(document: JsonDocument): readonly FieldEdit[] {
  const scales = scalesOf(document);
  const last = scales.at(-1);
  const path = ["scales", scales.length];
  if (last === undefined) {
    const list = nodeAt(document.root, ["scales"]);
    return list === undefined ? [{ path: ["scales"], json: `[${emptyScale}]` }] : [{ path, json: emptyScale }];
  }
  const resolution = coarserResolution(triple(document, last, "resolution"));
  const key = resolution.length === 3 ? resolution.join("_") : `${textOf(memberOf(last, "key"))}_2x2x1`;
  return [
    { path, json: sourceOf(document.text, last) },
    { path: [...path, "key"], json: JSON.stringify(freeKey(scales, key)) },
    ...elementEdits([...path, "resolution"], resolution),
    ...elementEdits([...path, "size"], divide(triple(document, last, "size"), ceilDivide)),
    ...elementEdits([...path, "voxel_offset"], divide(triple(document, last, "voxel_offset"), floorDivide)),
    ...ownFields.filter((name) => memberOf(last, name) !== undefined).map((name) => ({ path: [...path, name] })),
  ];
}

/** Puts a copy under a free key behind the scale. */
export function duplicateScale(document: JsonDocument, index: number): readonly FieldEdit[] {
  const scales = scalesOf(document);
  const scale = scales[index];
  if (scale === undefined) {
    return [];
  }
  const key = memberOf(scale, "key");
  const copy: FieldEdit = { path: ["scales", index + 1], json: sourceOf(document.text, scale), insert: true };
  return key === undefined
    ? [copy]
    : [copy, { path: ["scales", index + 1, "key"], json: JSON.stringify(freeKey(scales, `${textOf(key)}_copy`)) }];
}

/** Removes a scale. */
export function removeScale(index: number): readonly FieldEdit[] {
  return [{ path: ["scales", index] }];
}

/** Swaps a scale with the one `by` places further (-1 = up). */
export function moveScale(document: JsonDocument, index: number, by: -1 | 1): readonly FieldEdit[] {
  const scales = scalesOf(document);
  const [one, other] = [scales[index], scales[index + by]];
  return one === undefined || other === undefined
    ? []
    : [
        { path: ["scales", index], json: sourceOf(document.text, other) },
        { path: ["scales", index + by], json: sourceOf(document.text, one) },
      ];
}

/** Sets the encoding, adds the parameters that it needs and removes those of the one before. */
export function changeEncoding(document: JsonDocument, base: JsonPath, encoding: string): readonly FieldEdit[] {
  const scale = nodeAt(document.root, base);
  const before = textOf(memberOf(scale, "encoding"));
  if (before === encoding) {
    return [];
  }
  const kept = new Set(parametersOf(encoding).map(({ key }) => key));
  const gone = parametersOf(before).filter(({ key }) => !kept.has(key) && memberOf(scale, key) !== undefined);
  const missing = Object.entries(requiredParameters[encoding] ?? {}).filter(
    ([key]) => memberOf(scale, key) === undefined,
  );
  return [
    { path: [...base, "encoding"], json: JSON.stringify(encoding) },
    ...gone.map(({ key }) => ({ path: [...base, key] })),
    ...missing.map(([key, json]) => ({ path: [...base, key], json })),
  ];
}

/** The scales of a document. */
export function scalesOf({ root }: JsonDocument): readonly Node[] {
  return elementsOf(memberOf(root, "scales"));
}

function triple({ text }: JsonDocument, scale: Node, key: string): readonly string[] {
  return elementsOf(memberOf(scale, key)).map((element) => sourceOf(text, element));
}

/** The resolution times the factor: whole numbers stay whole, and 4.0 becomes 8.0. Empty where it is not three numbers. */
function coarserResolution(sources: readonly string[]): readonly string[] {
  return sources.length === 3 && sources.every((source) => Number(source) > 0) ? sources.map(coarser) : [];
}

function coarser(source: string, axis: number): string {
  const factor = downsampleFactor[axis] ?? 1;
  if (/^\d+$/.test(source)) {
    return (BigInt(source) * BigInt(factor)).toString();
  }
  const value = String(Number(source) * factor);
  return factor === 1 ? source : /^\d+$/.test(value) ? `${value}.0` : value;
}

function divide(sources: readonly string[], by: (a: bigint, b: bigint) => bigint): readonly string[] {
  return sources.length === 3 && sources.every((source) => /^-?\d+$/.test(source))
    ? sources.map((source, axis) => by(BigInt(source), BigInt(downsampleFactor[axis] ?? 1)).toString())
    : [];
}

function elementEdits(path: JsonPath, sources: readonly string[]): readonly FieldEdit[] {
  return sources.map((json, axis) => ({ path: [...path, axis], json }));
}

function freeKey(scales: readonly Node[], wanted: string): string {
  const taken = new Set(scales.map((scale) => textOf(memberOf(scale, "key"))));
  let key = wanted;
  for (let count = 2; taken.has(key); count++) {
    key = `${wanted}_${count}`;
  }
  return key;
}

function textOf(node: Node | undefined): string {
  return node?.type === "string" ? String(node.value) : "";
}
