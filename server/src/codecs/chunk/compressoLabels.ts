/** Questions about the labels of compresso chunks: answered from ids and locations, or from the slice that a voxel is in. */
import { voxelBytes } from "../../base/dtype.ts";
import { product } from "../../base/vec3.ts";
import { InvalidArgumentError } from "../../errors.ts";
import type { ChunkDescription, LabelMapping, LabelQueries } from "../codec.ts";
import type { Workspace } from "../workspace.ts";
import { checkStream, createJob, type Job, paintPart, set } from "./compressoKernel.ts";
import { parseStream } from "./compressoStream.ts";

const seenBytes = 8192;

/** Runs `work` on a stream, and gives back the scratch that it took. */
function withJob<T>(encoded: Uint8Array, chunk: ChunkDescription, workspace: Workspace, work: (job: Job) => T): T {
  const mark = workspace.arena.mark();
  try {
    return work(createJob(encoded, parseStream(encoded, chunk), chunk, workspace));
  } finally {
    workspace.arena.reset(mark);
  }
}

/** Lists the labels of a checked stream in the job; a copy of the list. */
function collect(job: Job): BigUint64Array {
  const { workspace, kernel, pointer, stream } = job;
  const seen = workspace.arena.allocate(seenBytes);
  // Each id and each literal is of a voxel of its own.
  const named = Math.min(stream.idCount + stream.locationCount, product(stream.size));
  const labels = workspace.arena.allocate(8 * (stream.labelBytes > 2 ? named : 2 ** (8 * stream.labelBytes)));
  const labelCount = kernel.collectLabels(pointer, labels, seen);
  set(job, { labels, labelCount });
  return new BigUint64Array(workspace.memory.buffer, labels, labelCount).slice();
}

/** Asks the mapping once for all labels and puts its values, `bytes` each, into the job. */
function applyMapping(job: Job, mapping: LabelMapping, bytes: number): void {
  const labels = collect(job);
  const values = mapping.valuesOf(labels);
  const width = bytes * 8;
  const bad = values.find((value) => BigInt.asUintN(width, value) !== value);
  if (bad !== undefined || values.length !== labels.length) {
    const what = bad === undefined ? `${values.length} values for ${labels.length} labels` : `${bad}`;
    throw new InvalidArgumentError(`not a label of ${width} bits: ${what}`);
  }
  const mapped = job.workspace.arena.allocate(bytes * labels.length);
  const { buffer } = job.workspace.memory;
  if (bytes === 8) {
    new BigUint64Array(buffer, mapped, values.length).set(values);
  } else {
    const view =
      bytes === 4
        ? new Uint32Array(buffer, mapped, values.length)
        : bytes === 2
          ? new Uint16Array(buffer, mapped, values.length)
          : new Uint8Array(buffer, mapped, values.length);
    view.set(Array.from(values, Number));
  }
  set(job, { mapped });
}

function unique(encoded: Uint8Array, chunk: ChunkDescription, workspace: Workspace): BigUint64Array {
  return withJob(encoded, chunk, workspace, (job) => {
    checkStream(job);
    return collect(job);
  });
}

function contains(encoded: Uint8Array, chunk: ChunkDescription, label: bigint, workspace: Workspace): boolean {
  return withJob(encoded, chunk, workspace, (job) => {
    checkStream(job);
    const isPossible = BigInt.asUintN(voxelBytes(chunk.dtype) * 8, label) === label;
    return isPossible && job.kernel.hasLabel(job.pointer, label) !== 0;
  });
}

const voxel: LabelQueries["voxel"] = (encoded, chunk, position, workspace) =>
  withJob(encoded, chunk, workspace, (job) => {
    const pointer = workspace.arena.allocate(8);
    const bytes = voxelBytes(chunk.dtype);
    const [x, y, z] = position;
    const strides = { rowBytes: bytes, planeBytes: bytes, channelBytes: bytes };
    workspace.view(pointer, 8).fill(0);
    paintPart(job, { workspace, pointer, ...strides, from: position, to: [x + 1, y + 1, z + 1] }, bytes);
    return [...new BigUint64Array(workspace.memory.buffer, pointer, 1)];
  });

const decodeMapped: LabelQueries["decodeMapped"] = (encoded, chunk, mapping, target) => {
  const { workspace, from, to } = target;
  if (to.some((end, axis) => end <= (from[axis] ?? 0))) {
    return;
  }
  withJob(encoded, chunk, workspace, (job) => {
    checkStream(job);
    applyMapping(job, mapping, mapping.voxelBytes);
    const table = workspace.arena.allocate(job.stream.idCount * mapping.voxelBytes);
    job.kernel.mapIds(job.pointer, mapping.voxelBytes, table);
    set(job, { table });
    paintPart(job, target, mapping.voxelBytes);
  });
};

/** Regions keep their boundaries, even between labels that become the same: only ids and locations change. */
const remap: LabelQueries["remap"] = (encoded, chunk, mapping, workspace) =>
  withJob(encoded, chunk, workspace, (job) => {
    checkStream(job);
    const { kernel, pointer, stream } = job;
    const { labelBytes, idCount, index } = stream;
    applyMapping(job, mapping, labelBytes);
    const ids = workspace.arena.allocate(idCount * labelBytes);
    kernel.mapIds(pointer, labelBytes, ids);
    const locationCount = kernel.mapLocations(pointer, 0, 0);
    const locations = workspace.arena.allocate(locationCount * labelBytes);
    const indexSize = encoded.byteLength - (index?.offset ?? encoded.byteLength);
    const indexCopy = workspace.arena.allocate(indexSize);
    workspace.view(indexCopy, indexSize).set(encoded.subarray(encoded.byteLength - indexSize));
    kernel.mapLocations(pointer, locations, index === undefined ? 0 : indexCopy);

    const shift = (locationCount - stream.locationCount) * labelBytes;
    const result = new Uint8Array(encoded.byteLength + shift);
    result.set(encoded.subarray(0, stream.locations));
    new DataView(result.buffer).setBigUint64(27, BigInt(locationCount), true);
    result.set(workspace.view(ids, idCount * labelBytes), stream.ids);
    result.set(workspace.view(locations, locationCount * labelBytes), stream.locations);
    result.set(encoded.subarray(stream.windows, encoded.byteLength - indexSize), stream.windows + shift);
    result.set(workspace.view(indexCopy, indexSize), result.byteLength - indexSize);
    return result;
  });

/** All of them check the stream as decoding does; `voxel` only the slice that it needs, where there is a z index. */
export const compressoLabels: LabelQueries = { unique, contains, voxel, remap, decodeMapped };
