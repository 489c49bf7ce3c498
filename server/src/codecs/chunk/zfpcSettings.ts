/** What the metadata asks of zfpc's encoder. */
import type { DataType } from "../../base/dtype.ts";
import { InvalidArgumentError, InvalidMetadataError } from "../../errors.ts";
import type { ChunkDescription } from "../codec.ts";
import { type Limits, mostBlockBits, noLimits, reversibleExponent } from "./zfpcHeader.ts";

export interface Settings {
  readonly limits: Limits;
  /** As containers state it. */
  readonly mode: number;
  /** Bits of the correlated axes, x lowest. */
  readonly correlated: number;
}

const modes = { rate: 2, precision: 3, tolerance: 4, reversible: 5 } as const;

/**
 * The settings from `zfpc_rate` (bits a voxel), `zfpc_precision` (bits a coefficient), `zfpc_tolerance` (of which at most one is 0 or more)
 * and `zfpc_correlated_dims`; without them, lossless and all axes. Throws InvalidMetadataError, and InvalidArgumentError for what
 * contradicts itself or no stream can have.
 */
export function readSettings({ parameters, dtype }: ChunkDescription): Settings {
  const rate = readNumber(parameters, "zfpc_rate");
  const precision = readNumber(parameters, "zfpc_precision");
  const tolerance = readNumber(parameters, "zfpc_tolerance");
  if ([rate, precision, tolerance].filter((value) => value !== undefined).length > 1) {
    throw new InvalidArgumentError(
      `only one of zfpc_rate, zfpc_precision and zfpc_tolerance can be set: ${rate ?? -1}, ${precision ?? -1}, ${tolerance ?? -1}`,
    );
  }
  const correlated = readCorrelated(parameters);
  if (rate !== undefined) {
    return { limits: rateLimits(rate, dtype, correlated), mode: modes.rate, correlated };
  }
  if (precision !== undefined) {
    const maxPrecision = Math.min(Math.floor(precision), noLimits.maxPrecision) || noLimits.maxPrecision;
    return { limits: { ...noLimits, maxPrecision }, mode: modes.precision, correlated };
  }
  if (tolerance !== undefined) {
    return { limits: { ...noLimits, minExponent: exponentOf(tolerance) }, mode: modes.tolerance, correlated };
  }
  return { limits: { ...noLimits, minExponent: reversibleExponent }, mode: modes.reversible, correlated };
}

/** A number of 0 or more; less means that it is not set. */
function readNumber(parameters: ChunkDescription["parameters"], name: string): number | undefined {
  const value = parameters[name] ?? -1;
  if (typeof value !== "number" || !Number.isFinite(value)) {
    throw new InvalidMetadataError(`${name} must be a number: ${JSON.stringify(value)}`);
  }
  return value >= 0 ? value : undefined;
}

function readCorrelated(parameters: ChunkDescription["parameters"]): number {
  const name = "zfpc_correlated_dims";
  const value = parameters[name] ?? [true, true, true, true];
  const isFour = Array.isArray(value) && value.length === 4;
  if (!isFour || !value.every((isCorrelated) => [true, false, 1, 0].includes(isCorrelated))) {
    throw new InvalidMetadataError(`${name} must be four booleans: ${JSON.stringify(value)}`);
  }
  const correlated = value.reduce<number>((bits, isCorrelated, axis) => bits | (Number(isCorrelated) << axis), 0);
  if (correlated === 0) {
    throw new InvalidArgumentError(`${name} must name at least one axis: each voxel would be a stream of its own`);
  }
  return correlated;
}

/** Blocks of one size. The reference writes streams that cannot be read for sizes that do not hold a block's head, or no header states. */
function rateLimits(rate: number, dtype: DataType, correlated: number): Limits {
  const axes = [1, 2, 4, 8].filter((bit) => (correlated & bit) !== 0).length;
  const bits = Math.floor(4 ** axes * rate + 0.5);
  const headBits = dtype === "float32" ? 9 : dtype === "float64" ? 12 : 1;
  if (bits < headBits || bits > mostBlockBits) {
    throw new InvalidArgumentError(
      `zfpc_rate must give blocks of ${4 ** axes} voxels ${headBits} to ${mostBlockBits} bits, not ${bits}: ${rate}`,
    );
  }
  return { ...noLimits, minBits: bits, maxBits: bits };
}

/** Exponent of the largest power of two that is not above the tolerance. */
function exponentOf(tolerance: number): number {
  if (tolerance === 0) {
    return noLimits.minExponent;
  }
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, tolerance);
  const exponent = bits.getUint16(0) >> 4;
  return exponent > 0 ? exponent - 1023 : exponentOf(tolerance * 2 ** 60) - 60;
}
