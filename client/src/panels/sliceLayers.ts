/** The layers of one slice panel and their open volumes. Knows no `vscode`: the server is all that it talks to. */
import type { WireError } from "../../../schemas/errors.ts";
import type { SliceLayer, TileReply, TileRequest } from "../../../schemas/messages/slices.ts";
import {
  closeVolume,
  openVolume,
  type ProbeVoxelResult,
  probeVoxel,
  type Triple,
  type VolumeDescription,
} from "../../../schemas/protocol/volume.ts";
import { nameOf, sameLocation, withoutQuery } from "../fileSystem/locationText.ts";
import type { ServerLink } from "../server/link.ts";
import { ServerError, toServerError } from "../server/serverError.ts";

/** What of the link is needed here. */
export type VolumeServer = Pick<ServerLink, "generation" | "start" | "request" | "notify" | "readTile">;

interface Layer {
  readonly id: number;
  readonly location: string;
  volume?: VolumeDescription;
  problem?: WireError;
  /** The open under way or done, and the run of the server that it belongs to. */
  opened?: { readonly generation: number; readonly volume: Promise<VolumeDescription> };
}

export interface SliceLayers {
  /** As the webview is told; locations without their query. */
  list(): readonly SliceLayer[];
  locations(): readonly string[];
  has(location: string): boolean;
  /** Adds a layer and begins to open it. `atBottom` puts it below all others. */
  add(location: string, options?: { readonly atBottom?: boolean }): void;
  remove(id: number): void;
  /** Opens a layer that failed once more. */
  retry(id: number): Promise<void>;
  /** Opens every layer again: the server that had them open is gone. Resolves when each has opened or failed. */
  reopen(): Promise<void>;
  /** The volume of a layer, once it is open. */
  volume(id: number, signal?: AbortSignal): Promise<VolumeDescription>;
  readTile(request: TileRequest, signal: AbortSignal): Promise<TileReply>;
  probe(request: { layer: number; mip: number; position: Triple }, signal: AbortSignal): Promise<ProbeVoxelResult>;
  /** Closes every volume: their reads stop. Idempotent. */
  dispose(): void;
}

/** Layers that call `changed` whenever the list, or what is known of a layer, is another. */
export function createSliceLayers(server: VolumeServer, changed: () => void): SliceLayers {
  let layers: Layer[] = [];
  let nextId = 1;
  const lifetime = new AbortController();

  function find(id: number): Layer {
    const layer = layers.find((candidate) => candidate.id === id);
    if (layer === undefined) {
      throw new ServerError({ tag: "invalid_argument", message: `no such layer: ${id}` });
    }
    return layer;
  }

  /** Opens the layer in the current run of the server, at most once. */
  async function open(layer: Layer): Promise<VolumeDescription> {
    await server.start();
    const { generation } = server;
    if (layer.opened?.generation !== generation) {
      const { location } = layer;
      const volume = server.request(openVolume, { location }, { signal: lifetime.signal });
      layer.opened = { generation, volume };
      volume.catch(() => undefined);
    }
    const { volume } = layer.opened;
    return volume;
  }

  /** Opens the layer and notes the outcome for the webview. */
  async function load(layer: Layer): Promise<void> {
    try {
      const volume = await open(layer);
      if (!layers.includes(layer)) {
        server.notify(closeVolume, { handle: volume.handle });
        return;
      }
      layer.volume = volume;
      delete layer.problem;
    } catch (error) {
      layer.problem = toServerError(error).wire;
      delete layer.opened;
    }
    if (!lifetime.signal.aborted) {
      changed();
    }
  }

  function close(layer: Layer): void {
    const { generation } = server;
    layer.opened?.volume
      .then(({ handle }) => {
        if (server.generation === generation) {
          server.notify(closeVolume, { handle });
        }
      })
      .catch(() => undefined);
  }

  return {
    list: () => layers.map(toSliceLayer),
    locations: () => layers.map(({ location }) => location),
    has: (location) => layers.some((layer) => sameLocation(layer.location, location)),
    add(location, { atBottom = false } = {}) {
      const layer: Layer = { id: nextId++, location };
      layers = atBottom ? [layer, ...layers] : [...layers, layer];
      changed();
      void load(layer);
    },
    remove(id) {
      const layer = find(id);
      layers = layers.filter((other) => other !== layer);
      close(layer);
      changed();
    },
    async retry(id) {
      const layer = find(id);
      delete layer.problem;
      delete layer.opened;
      changed();
      await load(layer);
    },
    async reopen() {
      await Promise.all(layers.map(load));
    },
    async volume(id, signal) {
      const volume = await open(find(id));
      signal?.throwIfAborted();
      return volume;
    },
    async readTile({ layer, ...tile }, signal) {
      const { handle } = await open(find(layer));
      return server.readTile({ handle, ...tile }, { signal });
    },
    async probe({ layer, ...voxel }, signal) {
      const { handle } = await open(find(layer));
      return server.request(probeVoxel, { handle, ...voxel }, { signal });
    },
    dispose() {
      for (const layer of layers) {
        close(layer);
      }
      layers = [];
      lifetime.abort();
    },
  };
}

function toSliceLayer({ id, location, volume, problem }: Layer): SliceLayer {
  const shown = withoutQuery(location);
  const common = { id, location: shown, name: volume?.name ?? nameOf(shown) };
  if (volume !== undefined) {
    const { handle: _handle, ...description } = volume;
    return { ...common, volume: description, ...(problem === undefined ? {} : { problem }) };
  }
  return problem === undefined ? common : { ...common, problem };
}
