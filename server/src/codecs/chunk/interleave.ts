/** Channels of images are interleaved (r g b r g b …), those of volumes are planar (r r … g g … b b …). */
import { type DataType, voxelBytes } from "../../base/dtype.ts";
import { product, type Vec3 } from "../../base/vec3.ts";

interface Shape {
  readonly size: Vec3;
  readonly channels: number;
  readonly dtype: DataType;
}

/** Voxels of 1 or 2 bytes, planar, from interleaved ones; new memory. */
export function planarize(pixels: Uint8Array, shape: Shape): Uint8Array {
  const voxels = product(shape.size);
  return transpose(pixels, shape, { outer: shape.channels, inner: voxels });
}

/** result[o][i] = source[i][o] */
function transpose(source: Uint8Array, shape: Shape, { outer, inner }: { outer: number; inner: number }): Uint8Array {
  const result = new Uint8Array(source.byteLength);
  if (voxelBytes(shape.dtype) === 1) {
    copyTransposed(source, result, outer, inner);
  } else {
    const from = source.byteOffset % 2 === 0 ? source : source.slice();
    copyTransposed(words(from), words(result), outer, inner);
  }
  return result;
}

function words(bytes: Uint8Array): Uint16Array {
  return new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
}

function copyTransposed<T extends Uint8Array | Uint16Array>(source: T, result: T, outer: number, inner: number): void {
  let at = 0;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      result[at++] = source[i * outer + o] ?? 0;
    }
  }
}
