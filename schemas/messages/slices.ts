/** Messages between the extension host and the slice panel's webview. Requests and events go through `port.ts`. */
import type { WireError } from "../errors.ts";
import type { Plane, TileDescription, Triple, VolumeDescription } from "../protocol/volume.ts";

/** A layer of the panel; bottom first. `id` names it in later messages and stays when the server restarts. */
export interface SliceLayer {
  readonly id: number;
  readonly location: string;
  readonly name: string;
  /** Absent while the volume is being opened, and after it failed. */
  readonly volume?: Omit<VolumeDescription, "handle">;
  readonly problem?: WireError;
}

export type SliceLayout = Plane | "all";

/** What a panel shows; kept by the webview's own state and by the host's serializer, so it is plain JSON. */
export interface SliceViewState {
  readonly v: 1;
  /** Locations of the layers, bottom first: enough to open the panel again. */
  readonly locations: readonly string[];
  readonly layout: SliceLayout;
  /** Centre of the view in nm. */
  readonly centerNm: Triple;
  /** nm per CSS pixel. */
  readonly nmPerPixel: number;
  readonly layers: readonly SliceLayerState[];
}

export interface SliceLayerState {
  readonly location: string;
  readonly isVisible: boolean;
  /** 0..1 */
  readonly opacity: number;
  /** Image values drawn black and white. Absent: the range of the data type, or of the first tiles for wide types. */
  readonly window?: readonly [low: number, high: number];
  /** Fixed mip; absent = chosen by zoom. */
  readonly mip?: number;
  /** Label in decimal that is outlined and shown alone, if any. */
  readonly selected?: readonly string[];
}

export interface SliceSettings {
  readonly renderer: "auto" | "webgl2" | "cpu";
}

export interface TileRequest {
  readonly layer: number;
  readonly mip: number;
  readonly plane: Plane;
  readonly slice: number;
  readonly u: number;
  readonly v: number;
  readonly channel?: number;
}
export interface TileReply {
  readonly tile: TileDescription;
  /** Exactly `tile.byteLength` bytes. */
  readonly data: Uint8Array;
}

/** What the webview may say. */
export type SliceWebviewVoice = {
  requests: {
    readTile: [TileRequest, TileReply];
    /** Exact values at a voxel of a mip, as decimal text per channel. */
    probe: [{ layer: number; mip: number; position: Triple }, { values?: readonly string[] }];
    copyText: [{ text: string }, Record<string, never>];
    /** The host asks the user for a layer; the new list comes as `layersChanged`. */
    addLayer: [Record<string, never>, Record<string, never>];
    removeLayer: [{ layer: number }, Record<string, never>];
    /** Open a layer that failed once more. */
    retryLayer: [{ layer: number }, Record<string, never>];
  };
  events: {
    /** The script runs and can be shown things. Sent once per load. */
    ready: { state?: SliceViewState };
    /** For the host's serializer and title; at most a few times a second. */
    stateChanged: { state: SliceViewState };
    /** What the view has drawn, for tests and for "Describe View": one sentence. */
    described: { text: string };
  };
};

/** What the host may say. */
export type SliceHostVoice = {
  requests: Record<string, [unknown, unknown]>;
  events: {
    /** First answer to `ready`: what to show. */
    show: { layers: readonly SliceLayer[]; state?: SliceViewState; settings: SliceSettings };
    layersChanged: { layers: readonly SliceLayer[] };
    /** The server was lost; `serverRestarted` follows when it is back. What is drawn stays. */
    serverStopped: Record<string, never>;
    /** The server came back: tiles that failed or were pending are asked for again. */
    serverRestarted: Record<string, never>;
    settingsChanged: { settings: SliceSettings };
    /** A command of the palette or a key binding of VS Code. */
    command: { name: SliceCommand };
  };
};

export const sliceCommands = [
  "zoomIn",
  "zoomOut",
  "nextSlice",
  "previousSlice",
  "finerMip",
  "coarserMip",
  "automaticMip",
  "layoutXy",
  "layoutXz",
  "layoutYz",
  "layoutAll",
  "copyPosition",
  "copyLabel",
  "describeView",
  "resetView",
] as const;
export type SliceCommand = (typeof sliceCommands)[number];
