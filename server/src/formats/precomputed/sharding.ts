/** The `sharding` member of a scale: validated when a volume is opened, so that a broken one is never read as unsharded. */
import { asInteger, asObject, type Field, invalid, member } from "../../base/fields.ts";

/** Is the scale sharded? Throws InvalidMetadataError for a specification that breaks the format's rules. */
export function checkSharding(field: Field): boolean {
  if (field.value === undefined || field.value === null) {
    return false;
  }
  const spec = asObject(field);
  expectOneOf(member(field, "@type"), ["neuroglancer_uint64_sharded_v1"]);
  expectOneOf(member(field, "hash"), ["identity", "murmurhash3_x86_128"]);
  for (const name of ["minishard_index_encoding", "data_encoding"]) {
    if (spec[name] !== undefined) {
      expectOneOf(member(field, name), ["raw", "gzip"]);
    }
  }
  const bits = ["preshift_bits", "minishard_bits", "shard_bits"].map((name) => {
    const value = asInteger(member(field, name), 0);
    if (value > 64) {
      throw invalid(`${field.path}/${name}`, "between 0 and 64", value);
    }
    return value;
  });
  const total = bits.reduce((sum, value) => sum + value, 0);
  if (total > 64) {
    throw invalid(field.path, "a specification whose bits add up to 64 at most", total);
  }
  return true;
}

function expectOneOf(field: Field, allowed: readonly string[]): void {
  if (!allowed.includes(field.value as string)) {
    throw invalid(field.path, allowed.map((value) => `"${value}"`).join(" or "), field.value);
  }
}
