/** Writes the built-in sample: a synthetic image, its middle without loss, and its segmentation, by the library's own writers. */
import { type Cancellable, throwIfAborted } from "../base/abort.ts";
import * as vec3 from "../base/vec3.ts";
import { ConflictError, InvalidArgumentError, isVolumeError, PermissionDeniedError } from "../errors.ts";
import { type CloudVolume, createEngine, type Engine } from "../index.ts";
import {
  type Area,
  areaAtMip,
  mipFactors,
  type SampleLayer,
  sampleAnisotropy,
  sampleChunkSize,
  sampleLayers,
  sampleMethod,
  sampleSeed,
  sampleSize,
} from "./sampleLayers.ts";
import { createSlab, type Slab } from "./sampleSlab.ts";
import { growTissue, type Tissue } from "./tissue.ts";

export interface WriteSampleOptions extends Cancellable {
  /** Told after each chunk of any layer and mip. */
  readonly onProgress?: ((chunksDone: number, chunksTotal: number) => void) | undefined;
}

/** Written last: says that the sample is complete, and which. */
const markerKey = ".cloudvolume-sample.json";
/** Changes with the sample's content, so that an outdated sample is written again. */
const sampleVersion = 2;

/**
 * Writes the sample into a local folder, made if absent, and gives its `file://` location. A complete sample of this version is
 * kept as it is; a half-written or outdated one is written again. The same bytes each time.
 *
 * Throws PermissionDeniedError or ReadOnlyError for a folder that cannot be written, ConflictError where something else has the
 * name of a layer, InvalidArgumentError for what is no local folder, CancelledError.
 */
export async function writeSample(
  directory: string,
  { signal, onProgress }: WriteSampleOptions = {},
): Promise<{ location: string }> {
  throwIfAborted(signal);
  const engine = createEngine({ workers: 1 });
  try {
    const root = engine.openStore(locationOf(directory));
    const location = root.location.text;
    if (!(await isComplete(engine, location, { signal }))) {
      await writeLayers(engine, location, { signal, onProgress });
      await root.put?.(markerKey, new TextEncoder().encode(`${JSON.stringify({ version: sampleVersion })}\n`), {
        contentType: "application/json",
        signal,
      });
    }
    return { location };
  } catch (error) {
    throw explained(error, directory);
  } finally {
    await engine.dispose();
  }
}

/** The slash at the end says that a folder of any name is meant, also of one that ends in `info`. */
function locationOf(directory: string): string {
  const path = directory.replace(/^file:\/\//i, "");
  if (path === "" || /^[a-z][a-z0-9+.-]*:\/\//i.test(path)) {
    throw new InvalidArgumentError(`the sample is written into a local folder, not to: "${directory}"`, {
      hint: "name a folder",
    });
  }
  return `file://${path}/`;
}

async function isComplete(engine: Engine, location: string, options: Cancellable): Promise<boolean> {
  const text = await engine.readText(engine.openStore(location), markerKey, options);
  try {
    const marker: unknown = JSON.parse(text ?? "null");
    return typeof marker === "object" && marker !== null && "version" in marker && marker.version === sampleVersion;
  } catch {
    return false; // a damaged marker says nothing
  }
}

async function writeLayers(engine: Engine, location: string, options: WriteSampleOptions): Promise<void> {
  for (const layer of sampleLayers) {
    await refuseForeign(engine, `${location}/${layer.name}`, options);
  }
  const layers: OpenLayer[] = [];
  for (const { name, area, info, provenance } of sampleLayers) {
    const created = { overwrite: true, provenance, signal: options.signal };
    layers.push({ name, area, volume: await engine.createVolume(`${location}/${name}`, info, created) });
  }
  await writeSlabs(growTissue({ size: sampleSize, anisotropy: sampleAnisotropy, seed: sampleSeed }), layers, options);
}

/** A layer that is there must be of an earlier sample, by its provenance, which is written before its info. */
async function refuseForeign(engine: Engine, location: string, { signal }: Cancellable): Promise<void> {
  const store = engine.openStore(location);
  if ((await engine.readText(store, "info", { signal })) === undefined) {
    return;
  }
  const provenance = await engine.readText(store, "provenance", { signal });
  if (provenance?.includes(JSON.stringify(sampleMethod)) !== true) {
    throw new ConflictError(`there is another layer already: ${location}`, {
      location,
      hint: "choose another folder for the sample",
    });
  }
}

interface OpenLayer {
  readonly name: SampleLayer["name"];
  readonly area: Area;
  readonly volume: CloudVolume;
}

/** While one slab is compressed and written, the next is drawn. */
async function writeSlabs(tissue: Tissue, layers: readonly OpenLayer[], options: WriteSampleOptions): Promise<void> {
  const depth = sampleChunkSize[2];
  const tellChunk = chunkCounter(layers, options.onProgress);
  let writing: Promise<void> = Promise.resolve();
  try {
    for (let z = 0; z < sampleSize[2]; z += depth) {
      const slab = await createSlab(tissue, [z, Math.min(sampleSize[2], z + depth)], options);
      await writing;
      writing = writeSlab(slab, layers, options, tellChunk);
      writing.catch(() => {}); // told by the next await
    }
  } finally {
    await writing;
  }
}

async function writeSlab(
  slab: Slab,
  layers: readonly OpenLayer[],
  { signal }: Cancellable,
  tellChunk: () => void,
): Promise<void> {
  for (const { name, area, volume } of layers) {
    for (const [mip, { image, labels }] of slab.mips.entries()) {
      const { min, max } = areaAtMip(area, mip);
      const box = { min: [...min, slab.z[0]], max: [...max, slab.z[1]] } as const;
      const data = name === "segmentation" ? labels() : cropImage(image, mip, area);
      await volume.upload(box, { data }, { mip, signal, onProgress: tellChunk });
    }
  }
}

/** The voxels of `area` out of an image of the whole sample. */
function cropImage(image: Uint8Array, mip: number, area: Area): Uint8Array {
  const width = sampleSize[0] / (mipFactors[mip] ?? 1);
  const height = sampleSize[1] / (mipFactors[mip] ?? 1);
  const { min, max } = areaAtMip(area, mip);
  if (max[0] - min[0] === width && max[1] - min[1] === height) {
    return image;
  }
  const depth = image.length / (width * height);
  const rowBytes = max[0] - min[0];
  const crop = new Uint8Array(rowBytes * (max[1] - min[1]) * depth);
  for (let z = 0, to = 0; z < depth; z++) {
    for (let y = min[1]; y < max[1]; y++, to += rowBytes) {
      const from = (z * height + y) * width + min[0];
      crop.set(image.subarray(from, from + rowBytes), to);
    }
  }
  return crop;
}

/** Counts the chunks of all layers and mips as they are written. */
function chunkCounter(layers: readonly OpenLayer[], onProgress: WriteSampleOptions["onProgress"]): () => void {
  const grids = layers.flatMap(({ volume }) => volume.scales.map((_, mip) => volume.grid(mip).gridSize));
  const total = grids.reduce((sum, grid) => sum + vec3.product(grid), 0);
  let done = 0;
  return () => onProgress?.(++done, total);
}

/** What the caller can do about it: choose a folder. */
function explained(error: unknown, directory: string): unknown {
  if (isVolumeError(error) && error.tag === "permission_denied") {
    return new PermissionDeniedError(
      `the sample cannot be written here: "${directory}"`,
      { ...error.fields, hint: "choose a folder that you may write to" },
      { cause: error },
    );
  }
  return error;
}
