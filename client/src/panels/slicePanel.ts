/** One slice panel: the host's end of the conversation with its webview. */
import * as vscode from "vscode";
import { createPort, type Port } from "../../../schemas/messages/port.ts";
import type {
  SliceCommand,
  SliceHostVoice,
  SliceViewState,
  SliceWebviewVoice,
} from "../../../schemas/messages/slices.ts";
import { DisposableStore } from "../base/disposable.ts";
import type { ClientContext } from "../context.ts";
import { settings } from "../contributions.ts";
import { nameOf } from "../fileSystem/locationText.ts";
import { renderShell, webviewOptions } from "./html.ts";
import { createReadyWatch, type ReadyWatch, readyTimeoutMs } from "./readyWatch.ts";
import { createSliceLayers, type SliceLayers } from "./sliceLayers.ts";
import { findUnderlay } from "./underlay.ts";
import { parseViewState } from "./viewState.ts";

type SlicePort = Port<SliceHostVoice, SliceWebviewVoice>;

export interface SlicePanelOptions {
  readonly ctx: ClientContext;
  readonly panel: vscode.WebviewPanel;
  readonly locations: readonly string[];
  /** What to show when the webview has no state of its own. */
  readonly state?: SliceViewState;
  /** Puts the image that belongs to a lone segmentation under it. */
  readonly findsUnderlay: boolean;
  /** Asks the user for a layer to add; undefined when they think better of it. */
  readonly pickLayer: (locations: readonly string[]) => Promise<string | undefined>;
}

/** An open panel. Lives until the user closes it. */
export class SlicePanel {
  readonly #options: SlicePanelOptions;
  readonly #disposables = new DisposableStore();
  readonly #layers: SliceLayers;
  readonly #closing = new AbortController();
  readonly #readyWatch: ReadyWatch;
  #port: SlicePort;
  #isShowing = false;
  #state: SliceViewState | undefined;
  #described: string | undefined;

  constructor(options: SlicePanelOptions) {
    const { ctx, panel, locations, state } = options;
    this.#options = options;
    this.#state = state;
    this.#port = this.#connect();
    this.#readyWatch = this.#disposables.add(this.#watchReady());
    this.#layers = createSliceLayers(ctx.server, () => this.#layersChanged());
    for (const location of locations) {
      this.#layers.add(location);
    }
    this.#disposables.add(panel.webview.onDidReceiveMessage((message: unknown) => this.#port.receive(message)));
    this.#disposables.add(panel.onDidChangeViewState(() => this.#visibilityChanged()));
    this.#disposables.add(panel.onDidDispose(() => this.#dispose()));
    this.#disposables.add(
      ctx.server.onDidChangeState((state) => {
        if (state === "waiting" && this.#isShowing) {
          this.#port.send("serverStopped", {});
        }
      }),
    );
    this.#disposables.add(ctx.server.onDidRestart(() => void this.#recover()));
    this.#disposables.add(ctx.server.onDidChangeState(() => this.#tellWhenStopped()));
    this.#disposables.add(
      ctx.settings.onDidChange((event) => {
        if (event.affectsConfiguration(settings.renderer)) {
          this.#port.send("settingsChanged", { settings: ctx.settings.slices() });
        }
      }),
    );
    panel.webview.options = webviewOptions(ctx.extensionUri);
    this.#loadPage();
    this.#readyWatch.expect();
    if (options.findsUnderlay) {
      void this.#addUnderlay();
    }
  }

  get title(): string {
    return this.#options.panel.title;
  }
  get isActive(): boolean {
    return this.#options.panel.active;
  }
  /** Where the layers are, bottom first. */
  get locations(): readonly string[] {
    return this.#layers.locations();
  }
  /** What the webview last said that it has drawn. */
  get described(): string | undefined {
    return this.#described;
  }
  /** Why layers could not be opened, by location. */
  get problems(): Readonly<Record<string, string>> {
    const failed = this.#layers
      .list()
      .flatMap(({ location, problem }) => (problem === undefined ? [] : [[location, problem.message]]));
    return Object.fromEntries(failed) as Readonly<Record<string, string>>;
  }

  reveal(): void {
    this.#options.panel.reveal();
  }

  /** Has the webview do what a key would. */
  run(name: SliceCommand): void {
    this.#port.send("command", { name });
  }

  close(): void {
    this.#options.panel.dispose();
  }

  onDidClose(listener: () => void): void {
    this.#disposables.add({ dispose: listener });
  }

  /** A port for one life of the webview; its end cancels what that life asked for. */
  #connect(): SlicePort {
    const { panel, ctx, pickLayer } = this.#options;
    const port = createPort<SliceHostVoice, SliceWebviewVoice>({
      post: (message) => {
        panel.webview.postMessage(message).then(undefined, (error: unknown) => ctx.log.debug(String(error)));
      },
    });
    port.onEvent("ready", ({ state }) => this.#ready(state));
    port.onEvent("stateChanged", ({ state }) => {
      this.#state = parseViewState(state) ?? this.#state;
    });
    port.onEvent("described", ({ text }) => {
      this.#described = String(text);
    });
    port.onRequest("readTile", (request, signal) => this.#layers.readTile(request, signal));
    port.onRequest("probe", (request, signal) => this.#layers.probe(request, signal));
    port.onRequest("copyText", async ({ text }) => {
      await vscode.env.clipboard.writeText(String(text));
      return {};
    });
    port.onRequest("addLayer", async () => {
      const location = await pickLayer(this.#layers.locations());
      if (location !== undefined && !this.#layers.has(location)) {
        this.#layers.add(location);
      }
      return {};
    });
    port.onRequest("removeLayer", ({ layer }) => {
      this.#layers.remove(layer);
      return {};
    });
    port.onRequest("retryLayer", async ({ layer }) => {
      await this.#layers.retry(layer);
      return {};
    });
    return port;
  }

  #ready(webviewState: unknown): void {
    this.#readyWatch.ready();
    this.#isShowing = true;
    const state = parseViewState(webviewState) ?? this.#state;
    this.#port.send("show", {
      layers: this.#layers.list(),
      settings: this.#options.ctx.settings.slices(),
      ...(state === undefined ? {} : { state }),
    });
    this.#tellWhenStopped();
  }

  #tellWhenStopped(): void {
    const { state } = this.#options.ctx.server;
    if (this.#isShowing && (state === "waiting" || state === "failed")) {
      this.#port.send("serverStopped", {});
    }
  }

  /** Sets the page, which loads its script. */
  #loadPage(): void {
    const { ctx, panel } = this.#options;
    const { extensionUri } = ctx;
    const { webview, title } = panel;
    webview.html = renderShell({ webview, extensionUri, script: "slices", title });
  }

  #watchReady(): ReadyWatch {
    const { ctx, panel } = this.#options;
    return createReadyWatch({
      isVisible: () => panel.visible,
      reload: () => {
        ctx.log.warn(`no "ready" from the view "${panel.title}" in ${readyTimeoutMs} ms: loading it again`);
        this.#loadPage();
      },
      gaveUp: () => ctx.log.error(`no "ready" from the view "${panel.title}"; close it and open it again`),
    });
  }

  /** A hidden webview is destroyed: what it asked for is cancelled, and it says "ready" again when it is shown. */
  #visibilityChanged(): void {
    const { panel } = this.#options;
    if (!panel.visible && this.#isShowing) {
      this.#isShowing = false;
      this.#port.dispose();
      this.#port = this.#connect();
    } else if (panel.visible && !this.#isShowing) {
      this.#readyWatch.expect();
    }
  }

  #layersChanged(): void {
    const layers = this.#layers.list();
    const [name] = layers.map((layer) => layer.name).slice(-1);
    if (name !== undefined) {
      this.#options.panel.title = sliceTitle(name);
    }
    if (this.#isShowing) {
      this.#port.send("layersChanged", { layers });
    }
  }

  /** The server runs again: its volumes are opened anew, then the webview asks for what it missed. */
  async #recover(): Promise<void> {
    await this.#layers.reopen();
    if (this.#isShowing) {
      this.#port.send("serverRestarted", {});
    }
  }

  async #addUnderlay(): Promise<void> {
    const { ctx } = this.#options;
    const [layer, ...others] = this.#layers.list();
    if (layer === undefined || others.length > 0) {
      return;
    }
    try {
      const { signal } = this.#closing;
      const { layerType, location, scales } = await this.#layers.volume(layer.id, signal);
      const [finest] = scales;
      if (layerType === "segmentation" && finest !== undefined) {
        const image = await findUnderlay(ctx.server, { location, finest }, signal);
        if (image !== undefined && !signal.aborted && !this.#layers.has(image)) {
          this.#layers.add(image, { atBottom: true });
        }
      }
    } catch (error) {
      // The segmentation alone is what was asked for; its own failure is shown by its layer.
      ctx.log.debug(`no image was looked for under "${layer.name}": ${String(error)}`);
    }
  }

  #dispose(): void {
    this.#isShowing = false;
    this.#closing.abort();
    this.#port.dispose();
    this.#layers.dispose();
    this.#disposables.dispose();
  }
}

/** Title of a panel whose uppermost layer has this name. */
export function sliceTitle(name: string): string {
  return vscode.l10n.t("Slices: {0}", name);
}

/** Title of a panel for locations that are not open yet. */
export function sliceTitleOf(locations: readonly string[]): string {
  return sliceTitle(nameOf(locations.at(-1) ?? ""));
}
