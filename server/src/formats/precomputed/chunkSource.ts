/**
 * Unsharded chunks of a Precomputed scale: one object each.
 *
 * Object: `KEY/x0-x1_y0-y1_z0-z1`, absolute voxels of the scale, half open. The grid is anchored at `voxel_offset`; the last chunk of an axis
 * ends at the bounds and holds only the voxels that exist.
 */
import { type Bbox, bbox, size, toFilename } from "../../base/bbox.ts";
import type { Vec3 } from "../../base/vec3.ts";
import * as vec3 from "../../base/vec3.ts";
import { OutOfBoundsError, UnsupportedError } from "../../errors.ts";
import type { ChunkSource, VolumeMetadata } from "../format.ts";

/** The chunks of a scale. Throws OutOfBoundsError for a mip that is not there, UnsupportedError for shards. */
export function createChunkSource(metadata: VolumeMetadata, mip: number): ChunkSource {
  const scale = metadata.scales[mip];
  if (scale === undefined) {
    throw new OutOfBoundsError(`mip ${mip} is not there: the volume has ${metadata.scales.length}`, {
      mip,
      hint: `choose a mip from 0 to ${metadata.scales.length - 1}`,
    });
  }
  if (scale.isSharded) {
    throw new UnsupportedError(`sharded scales cannot be read yet: "${scale.key}"`, { mip });
  }
  const { bounds, chunkSize } = scale;
  const boxOf = (position: Vec3): Bbox => {
    const min = vec3.add(bounds.min, vec3.multiply(position, chunkSize));
    return bbox(min, vec3.min(vec3.add(min, chunkSize), bounds.max));
  };
  return {
    bounds,
    chunkSize,
    gridSize: vec3.ceil(vec3.divide(size(bounds), chunkSize)),
    codec: scale.encoding,
    boxOf,
    keyOf: (position) => `${scale.key}/${toFilename(boxOf(position))}`,
    describe: (position) => ({
      size: size(boxOf(position)),
      channels: metadata.channels,
      dtype: metadata.dtype,
      parameters: scale.parameters,
    }),
  };
}
