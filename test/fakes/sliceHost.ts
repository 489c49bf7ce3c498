/**
 * The extension host of the slice panel, played inside the page: defines `acquireVsCodeApi`, answers with synthetic tiles, and does what a
 * test asks through `window.fakeHost`. Bundled for the browser by `slicePage.ts`.
 */
import { createPort } from "../../schemas/messages/port.ts";
import type {
  SliceHostVoice,
  SliceLayer,
  SliceSettings,
  SliceWebviewVoice,
  TileReply,
  TileRequest,
} from "../../schemas/messages/slices.ts";
import { type MissingRects, syntheticLayers, syntheticTile } from "./syntheticSlices.ts";
import { type ThemeName, themes } from "./themes.ts";

/** What tests can change and read. */
export interface FakeHost {
  layers: readonly SliceLayer[];
  settings: SliceSettings;
  /** Tiles for which it is true fail. */
  fails: (request: TileRequest) => boolean;
  missing: (request: TileRequest) => MissingRects;
  /** The image comes as float32 above 2^53, as 64-bit images do. */
  wideImages: boolean;
  /** Tiles wait until `release` is called. */
  isHolding: boolean;
  /** Requests that wait, in the order of their arrival. */
  readonly held: TileRequest[];
  readonly cancelled: TileRequest[];
  readonly requested: TileRequest[];
  readonly copied: string[];
  readonly described: string[];
  readonly calls: string[];
  /** What the page saved last. */
  state: unknown;
  readonly violations: string[];
  release(): void;
  send<N extends keyof SliceHostVoice["events"] & string>(name: N, params: SliceHostVoice["events"][N]): void;
  setTheme(name: ThemeName): void;
}

declare global {
  interface Window {
    fakeHost: FakeHost;
    /** Set by a test before the page loads. */
    fakeHostOptions?: {
      readonly layers?: readonly SliceLayer[];
      readonly theme?: ThemeName;
      readonly renderer?: SliceSettings["renderer"];
      readonly isHolding?: boolean;
    };
    acquireVsCodeApi: () => unknown;
  }
}

const stateKey = "fakeHost.state";
const waiting: (() => void)[] = [];
const port = createPort<SliceHostVoice, SliceWebviewVoice>({
  post: (message) => window.postMessage(structuredClone(message), "*"),
});

const host: FakeHost = {
  layers: window.fakeHostOptions?.layers ?? syntheticLayers,
  settings: { renderer: window.fakeHostOptions?.renderer ?? "auto" },
  fails: () => false,
  missing: () => [],
  wideImages: false,
  isHolding: window.fakeHostOptions?.isHolding ?? false,
  held: [],
  cancelled: [],
  requested: [],
  copied: [],
  described: [],
  calls: [],
  state: undefined,
  violations: [],
  release() {
    host.isHolding = false;
    host.held.length = 0;
    for (const go of waiting.splice(0)) {
      go();
    }
  },
  send: (name, params) => port.send(name, params),
  setTheme(name) {
    document.body.className = themes[name].className;
    for (const [variable, value] of Object.entries(themes[name].variables)) {
      document.documentElement.style.setProperty(variable, value);
    }
  },
};

port.onEvent("ready", ({ state }) => {
  port.send("show", { layers: host.layers, settings: host.settings, ...(state === undefined ? {} : { state }) });
});
port.onEvent("described", ({ text }) => host.described.push(text));
port.onEvent("stateChanged", ({ state }) => {
  host.state = state;
});
port.onRequest("readTile", async (request, signal) => {
  host.requested.push(request);
  signal.addEventListener("abort", () => host.cancelled.push(request));
  if (host.isHolding) {
    host.held.push(request);
    await new Promise<void>((resolve) => waiting.push(resolve));
  }
  if (host.fails(request)) {
    throw { tag: "invalid_chunk", message: `chunk "0-64_0-64_0-64" of mip ${request.mip} is truncated` };
  }
  const reply = syntheticTile(request, host.missing(request));
  return host.wideImages ? widen(reply) : reply;
});
port.onRequest("probe", ({ position }) => ({ values: [`${2n ** 53n + BigInt(position[0])}`] }));
port.onRequest("copyText", ({ text }) => {
  host.copied.push(text);
  return {};
});
for (const name of ["addLayer", "removeLayer", "retryLayer"] as const) {
  port.onRequest(name, (params) => {
    host.calls.push(`${name} ${JSON.stringify(params)}`);
    return {};
  });
}

function widen({ tile, data }: TileReply): TileReply {
  const wide = new Uint8Array(Float32Array.from(data).buffer);
  return { tile: { ...tile, dtype: "uint64", base: String(2n ** 53n), byteLength: wide.byteLength }, data: wide };
}

document.addEventListener("securitypolicyviolation", (event) => {
  host.violations.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`);
});
window.fakeHost = host;
window.acquireVsCodeApi = () => ({
  postMessage: (message: unknown) => {
    const copy = structuredClone(message);
    queueMicrotask(() => port.receive(copy));
  },
  getState: () => JSON.parse(sessionStorage.getItem(stateKey) ?? "null") ?? undefined,
  setState: (state: unknown) => {
    sessionStorage.setItem(stateKey, JSON.stringify(state));
    return state;
  },
});
const { theme = "dark" } = window.fakeHostOptions ?? {};
document.addEventListener("DOMContentLoaded", () => host.setTheme(theme));
if (document.body !== null) {
  host.setTheme(theme);
}
