/** What follows from the fields of a scale: its extent in space, how many chunks, how large one is, how they are stored. */
import { elementsOf, type JsonDocument, memberOf, type Node, sourceOf } from "./jsonDocument.ts";
import { ceilDivide, formatBytes, formatCount, formatLengths, readCounts } from "./quantities.ts";

/** Texts; undefined where the fields that one follows from are missing or wrong. */
export interface ScaleFacts {
  readonly extent: string | undefined;
  readonly chunkCount: string | undefined;
  readonly chunkBytes: string | undefined;
  /** Sizes of chunks beside the first, which readers do not use. */
  readonly otherChunkSizes: number;
  readonly sharding: ShardingFacts;
}

export interface ShardingFacts {
  readonly isSharded: boolean;
  /** The sharding in a few words. */
  readonly summary: string;
}

/** Facts about the scale at `node`, for a volume of so many channels of so many bytes. */
export function describeScale(
  json: JsonDocument,
  node: Node | undefined,
  volume: { readonly bytesPerValue: number | undefined; readonly channels: string },
): ScaleFacts {
  const sourcesOf = (list: Node | undefined): readonly string[] =>
    elementsOf(list).map((element) => sourceOf(json.text, element));
  const sizes = elementsOf(memberOf(node, "chunk_sizes"));
  const size = positive(readCounts(sourcesOf(memberOf(node, "size"))));
  const chunk = positive(readCounts(sourcesOf(sizes[0])));
  const resolution = sourcesOf(memberOf(node, "resolution")).map(Number);
  const { bytesPerValue, channels } = volume;
  const hasBytes = chunk !== undefined && bytesPerValue !== undefined && /^\d+$/.test(channels);
  return {
    extent:
      size !== undefined && resolution.length === 3 && resolution.every((length) => length > 0)
        ? formatLengths(size.map((count, axis) => Number(count) * (resolution[axis] ?? 0)))
        : undefined,
    chunkCount:
      size !== undefined && chunk !== undefined
        ? formatCount(product(size.map((count, axis) => ceilDivide(count, chunk[axis] ?? 1n))))
        : undefined,
    chunkBytes: hasBytes ? formatBytes(product([...chunk, BigInt(bytesPerValue), BigInt(channels)])) : undefined,
    otherChunkSizes: sizes[0]?.type === "array" ? sizes.length - 1 : 0,
    sharding: describeSharding(json, memberOf(node, "sharding")),
  };
}

function describeSharding({ text }: JsonDocument, node: Node | undefined): ShardingFacts {
  if (node === undefined || node.type === "null") {
    return { isSharded: false, summary: "one object for each chunk" };
  }
  const bits = (key: string): string => {
    const value = memberOf(node, key);
    return value === undefined ? "?" : sourceOf(text, value);
  };
  return {
    isSharded: true,
    summary: `shard bits ${bits("shard_bits")}, minishard bits ${bits("minishard_bits")}, preshift bits ${bits("preshift_bits")}`,
  };
}

function positive(counts: readonly bigint[] | undefined): readonly bigint[] | undefined {
  return counts?.every((count) => count > 0n) ? counts : undefined;
}

function product(counts: readonly bigint[]): bigint {
  return counts.reduce((a, b) => a * b, 1n);
}
