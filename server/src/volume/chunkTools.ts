/**
 * Chunks by themselves, without a volume: encode, decode, ask, and translate the bytes of one chunk. For tools that move chunks about.
 *
 * An empty chunk (0 bytes) stands for one that is all background.
 */
import { dataTypeOf, type VoxelArray, voxelBytes, voxelView } from "../base/dtype.ts";
import { product, type Vec3 } from "../base/vec3.ts";
import type { Bridge, CodecDescriptor } from "../codecs/codec.ts";
import { voxelPattern } from "../codecs/target.ts";
import { InvalidArgumentError, InvalidChunkError, UnsupportedError } from "../errors.ts";
import { type ChunkForm, type ChunkToolsHost, decodeArenaBytes, openForm, using, usingToRead } from "./chunkForm.ts";
import { type ChunkQueries, createChunkQueries } from "./chunkQueries.ts";
import { decodeInto } from "./decodeChunk.ts";
import { encodeScratchBytes } from "./scratch.ts";

export interface TranscodeOptions {
  readonly to: Pick<ChunkForm, "encoding" | "parameters"> & {
    /** Crops or pads with the background at the far sides; default: the chunk's size. */
    readonly size?: Vec3;
  };
  /** Decode and encode also where the bytes could be taken over. Default false. */
  readonly force?: boolean;
}

export interface ChunkTools extends ChunkQueries {
  /** Names of the encodings. */
  readonly encodings: readonly string[];
  /** Voxels in Fortran order over [x, y, z, channel], in memory of their own. Throws InvalidChunkError, UnsupportedError. */
  decode(encoded: Uint8Array, form: ChunkForm): Promise<VoxelArray>;
  /** The bytes of a chunk of exactly the form's size. Throws InvalidArgumentError for what the encoding cannot hold. */
  encode(voxels: VoxelArray, form: ChunkForm): Promise<Uint8Array>;
  /**
   * The chunk in another encoding. Bytes are taken over where the encoding stays; jpeg becomes jxl, and back, without loss where no quality below
   * 100 is asked for; everything else is decoded and encoded, between these two at quality 100 unless another is asked for.
   */
  transcode(encoded: Uint8Array, from: ChunkForm, options: TranscodeOptions): Promise<Uint8Array>;
  /** The encoding of files with such a name, of those that serve as files: ".ckl", ".cpso". */
  fileEncoding(name: string): string | undefined;
  /** What a file of such an encoding holds, as its header says. Throws InvalidChunkError. */
  describeFile(bytes: Uint8Array, encoding: string): ChunkForm;
}

export function createChunkTools(host: ChunkToolsHost): ChunkTools {
  async function decode(encoded: Uint8Array, form: ChunkForm): Promise<Uint8Array> {
    const opened = await openForm(host, form);
    return usingToRead(host, form, decodeArenaBytes(opened, encoded), (workspace) =>
      decodeInto(workspace, opened, encoded, voxelBytes(form.dtype), (target) =>
        opened.codec.decode(encoded, opened.chunk, target),
      ),
    );
  }

  async function encode(voxels: Uint8Array, form: ChunkForm): Promise<Uint8Array> {
    const opened = await openForm(host, form);
    const { codec, chunk } = opened;
    if (codec.encode === undefined) {
      throw new UnsupportedError(`encoding "${form.encoding}" can only be read`);
    }
    return using(host, form, encodeScratchBytes(codec, chunk), (workspace) => {
      const bytes = codec.encode?.(voxels, chunk, workspace) ?? new Uint8Array(0);
      return bytes.buffer === workspace.memory.buffer ? bytes.slice() : bytes;
    });
  }

  async function transcode(encoded: Uint8Array, from: ChunkForm, { to, force = false }: TranscodeOptions) {
    const size = to.size ?? from.size;
    const target: ChunkForm = { ...from, encoding: to.encoding, size, parameters: to.parameters ?? {} };
    const isSameSize = size.every((side, axis) => side === from.size[axis]);
    if (!force && isSameSize && encoded.byteLength > 0) {
      const isTakenOver = isReadAlike(host.codecs.get(from.encoding), from, target);
      const taken = isTakenOver ? encoded : await bridge(encoded, from, target);
      if (taken !== undefined) {
        return taken;
      }
    }
    const voxels = await decode(encoded, from);
    return encode(isSameSize ? voxels : resize(voxels, from, size), await losingLeast(from, target));
  }

  /** Between encodings that have a way without loss, a chunk that cannot take it is encoded as well as the other encoding can. */
  async function losingLeast(from: ChunkForm, to: ChunkForm): Promise<ChunkForm> {
    const quality = `${to.encoding}_quality`;
    const isAsked = to.parameters?.[quality] !== undefined;
    return isAsked || (await findBridge(from, to)) === undefined
      ? to
      : { ...to, parameters: { ...to.parameters, [quality]: 100 } };
  }

  async function bridge(encoded: Uint8Array, from: ChunkForm, to: ChunkForm): Promise<Uint8Array | undefined> {
    const level = to.parameters?.[`${to.encoding}_quality`];
    if (typeof level === "number" && level < 100) {
      return undefined;
    }
    return (await findBridge(from, to))?.(encoded);
  }

  async function findBridge(from: ChunkForm, to: ChunkForm): Promise<Bridge | undefined> {
    const outwards = (await host.loadCodec(from.encoding)).bridges?.to?.[to.encoding];
    return outwards ?? (await host.loadCodec(to.encoding)).bridges?.from?.[from.encoding];
  }

  return {
    ...createChunkQueries(host),
    encodings: host.codecs.names,
    decode: async (encoded, form) => asVoxels(await decode(encoded, form), form),
    encode: async (voxels, form) => encode(bytesOf(voxels, form), form),
    transcode,
    fileEncoding: (name) =>
      host.codecs.names.find((encoding) => {
        const suffix = host.codecs.get(encoding).file?.suffix;
        return suffix !== undefined && name.toLowerCase().endsWith(suffix);
      }),
    describeFile(bytes, encoding) {
      const { file } = host.codecs.get(encoding);
      if (file === undefined) {
        throw new UnsupportedError(`chunks of this encoding do not say what they hold: "${encoding}"`);
      }
      const described = file.describe(bytes);
      if (product(described.size) === 0) {
        throw new InvalidChunkError(`the file holds no voxels: ${described.size.join("x")}`, { codec: encoding });
      }
      return { encoding, channels: 1, ...described };
    },
  };
}

/** Do the same bytes mean the same voxels under both descriptions? */
function isReadAlike({ readingParameters = [] }: CodecDescriptor, from: ChunkForm, to: ChunkForm): boolean {
  const same = (name: string): boolean =>
    JSON.stringify(from.parameters?.[name]) === JSON.stringify(to.parameters?.[name]);
  return from.encoding === to.encoding && readingParameters.every(same);
}

function asVoxels(bytes: Uint8Array, { dtype }: ChunkForm): VoxelArray {
  return voxelView(dtype, bytes.buffer, bytes.byteOffset, bytes.byteLength / voxelBytes(dtype));
}

function bytesOf(voxels: VoxelArray, { size, channels = 1, dtype }: ChunkForm): Uint8Array {
  const expected = product(size) * channels;
  if (dataTypeOf(voxels) !== dtype || voxels.length !== expected) {
    throw new InvalidArgumentError(`the chunk holds ${expected} voxels of ${dtype}, there are ${voxels.length}`);
  }
  return new Uint8Array(voxels.buffer, voxels.byteOffset, voxels.byteLength);
}

/** Crops, or pads with the background, at the far sides. */
function resize(voxels: Uint8Array, form: ChunkForm, size: Vec3): Uint8Array {
  const { size: old, channels = 1, dtype, background = 0 } = form;
  const bytes = voxelBytes(dtype);
  const result = new Uint8Array(product(size) * channels * bytes);
  const value = new BigUint64Array([voxelPattern(dtype, background)]);
  const pattern = new Uint8Array(value.buffer, 0, bytes);
  for (let at = 0; at < result.byteLength; at += bytes) {
    result.set(pattern, at);
  }
  const [width, rows, planes] = size.map((side, axis) => Math.min(side, old[axis] ?? 0)) as unknown as Vec3;
  for (let channel = 0; channel < channels; channel++) {
    for (let z = 0; z < planes; z++) {
      for (let y = 0; y < rows; y++) {
        const from = ((channel * old[2] + z) * old[1] + y) * old[0] * bytes;
        const to = ((channel * size[2] + z) * size[1] + y) * size[0] * bytes;
        result.set(voxels.subarray(from, from + width * bytes), to);
      }
    }
  }
  return result;
}
