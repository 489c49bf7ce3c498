/** Joins the tiles: asks for the wanted ones, keeps them, gives them to a backend and draws the plan of each panel. */
import type { WireError } from "../../../schemas/errors.ts";
import { PortError } from "../../../schemas/messages/port.ts";
import type { TileReply } from "../../../schemas/messages/slices.ts";
import type { Plane } from "../../../schemas/protocol/volume.ts";
import type { SliceBackend } from "../render/backend.ts";
import { createBackend, type RendererChoice } from "../render/createBackend.ts";
import { createPalette } from "../render/palette.ts";
import { type ContrastWindow, percentileWindow, rangeOfType } from "./contrast.ts";
import type { DrawStyle } from "./drawStyle.ts";
import { axesOf, type PanelView, withAxis } from "./geometry.ts";
import { type PanelPlan, planPanel, type TileLookup } from "./plan.ts";
import { type LabelInView, type LayerReadout, labelsInView, readoutsAt } from "./readout.ts";
import { createScheduler } from "./scheduler.ts";
import type { LayerModel, SliceModel } from "./state.ts";
import { decodeTile } from "./tileReply.ts";
import { createTileStore, type StoredTile } from "./tileStore.ts";
import { type TileAddress, wantedTiles } from "./wantedTiles.ts";

/** Bytes of tiles kept in memory and on the GPU. */
export const tileBudgetBytes = 256 * 2 ** 20;

export interface SliceRendererOptions {
  readonly read: (address: TileAddress, signal: AbortSignal) => Promise<TileReply>;
  /** A new picture would look different: call `draw`. */
  readonly changed: () => void;
  /** Where the canvas goes; it is the first child. */
  readonly container: HTMLElement;
}

export interface DrawnPanel {
  readonly view: PanelView;
  readonly plane: Plane;
  readonly plan: PanelPlan;
}

/** The drawing half of the view. It does not outlive the page, so it is never disposed. */
export class SliceRenderer {
  readonly #options: SliceRendererOptions;
  readonly #store = createTileStore({ maxBytes: tileBudgetBytes, evicted: (key) => this.#backend?.freeTile(key) });
  readonly #scheduler;
  readonly #lookup: TileLookup;
  /** Windows that were computed for layers of wide types. */
  readonly #windows = new Map<number, ContrastWindow>();
  readonly #selections = new Map<number, readonly string[] | undefined>();
  /** The last depth of each plane at which something was drawn. */
  readonly #shownDepths = new Map<Plane, number>();
  #backend: SliceBackend | undefined;
  /** A backend whose context was lost; it must live to hear that the context is back. */
  #lost: SliceBackend | undefined;
  #choice: RendererChoice = "auto";
  #drawn: readonly DrawnPanel[] = [];

  constructor(options: SliceRendererOptions) {
    this.#options = options;
    this.#scheduler = createScheduler<TileAddress, TileReply>({
      read: options.read,
      loaded: (key, address, reply) => this.#keep(key, { ...decodeTile(reply), address }),
      toWireError,
      changed: options.changed,
    });
    this.#lookup = {
      missing: (key) => this.#store.get(key)?.missing,
      failure: (key) => this.#scheduler.failure(key),
    };
  }

  /** The backend in use, made at the first call. */
  get backend(): SliceBackend {
    this.#backend ??= this.#createBackend(this.#choice);
    return this.#backend;
  }

  /** Device pixels per CSS pixel that the backend draws. */
  get pixelRatio(): number {
    return Math.min(window.devicePixelRatio || 1, this.backend.maxPixelRatio);
  }

  /** Switches to another backend; tiles that are in memory move along. */
  setRenderer(choice: RendererChoice): void {
    this.#choice = choice;
    if (this.#backend !== undefined) {
      this.#replaceBackend(choice);
    }
  }

  /** Asks for what is wanted and draws what is there. */
  draw(model: SliceModel, views: readonly PanelView[], style: DrawStyle): readonly DrawnPanel[] {
    const { layers } = model;
    this.#scheduler.setWanted(wantedTiles(views, layers).filter(({ key }) => !this.#store.has(key)));
    this.#updatePalettes(layers);
    const planStyle = {
      tile: (layer: LayerModel) =>
        layer.layer.volume?.layerType === "segmentation"
          ? style.labels(layer.view.opacity)
          : ({ kind: "image", opacity: layer.view.opacity, window: this.windowOf(layer) } as const),
      hatch: style.hatch,
    };
    this.#drawn = views.map((view) => {
      const plan = planPanel(view, layers, this.#lookup, planStyle);
      return { view, plane: view.plane, plan };
    });
    const shown = this.#drawn.map(({ view, plan }) =>
      this.#heldDraws(view, plan, (held) => planPanel(held, layers, this.#lookup, planStyle)),
    );
    this.#store.keep(shown.flatMap((plan) => plan.keys));
    this.backend.draw({
      width: Math.max(0, ...views.map(({ area }) => area.x1)),
      height: Math.max(0, ...views.map(({ area }) => area.y1)),
      background: style.background,
      panels: views.map(({ area }, index) => ({ area, draws: shown[index]?.draws ?? [] })),
    });
    return this.#drawn;
  }

  /** What the layers show at a device pixel, top first. */
  readoutsAt(x: number, y: number): readonly LayerReadout[] {
    return readoutsAt(this.backend, this.#store, x, y);
  }

  /** The labels that the last draw shows, largest first. */
  labelsInView(): readonly LabelInView[] {
    return labelsInView(
      this.#drawn.map(({ view, plan }) => ({ view, draws: plan.draws })),
      this.#store,
    );
  }

  /** The contrast window in use. */
  windowOf({ layer, view }: LayerModel): ContrastWindow {
    const fixed = view.window ?? (layer.volume === undefined ? undefined : rangeOfType(layer.volume.dtype));
    const known = fixed ?? this.#windows.get(layer.id);
    if (known !== undefined) {
      return known;
    }
    const computed = percentileWindow(this.#tilesOf(layer.id, () => true));
    if (computed !== undefined) {
      this.#windows.set(layer.id, computed);
    }
    return computed ?? [0, 1];
  }

  /** The window that fits what is drawn of a layer, if anything is. */
  suggestWindow(layer: number): ContrastWindow | undefined {
    const keys = new Set(this.#drawn.flatMap(({ plan }) => plan.keys));
    return percentileWindow(this.#tilesOf(layer, (key) => keys.has(key)));
  }

  countPending(): number {
    return this.#scheduler.countPending();
  }

  /** Asks again for the failed tiles of a layer. */
  retryLayer(layer: number): void {
    this.#scheduler.retry((key) => key.startsWith(`${layer}/`));
    this.#options.changed();
  }

  /** The server came back: asks again for what failed or was under way. */
  restart(): void {
    this.#scheduler.restart();
    this.#options.changed();
  }

  /** Forgets the tiles and the window of a layer that is gone or was replaced. */
  forgetLayer(layer: number): void {
    this.#scheduler.retry((key) => key.startsWith(`${layer}/`));
    this.#store.removeLayer(layer);
    this.#windows.delete(layer);
    this.#selections.delete(layer);
  }

  #keep(key: string, tile: StoredTile): void {
    this.#store.put(key, tile);
    this.#upload(key, tile);
  }

  #upload(key: string, tile: StoredTile): void {
    this.backend.uploadTile(key, tile.pixels);
    if (tile.table !== undefined) {
      const selected = this.#selections.get(tile.address.layer) ?? [];
      this.backend.setPalette(key, createPalette(tile.table, new Set(selected.map(BigInt))));
    }
  }

  #updatePalettes(layers: readonly LayerModel[]): void {
    for (const { layer, view } of layers) {
      if (this.#selections.get(layer.id) !== view.selected) {
        this.#selections.set(layer.id, view.selected);
        const selected = new Set((view.selected ?? []).map(BigInt));
        for (const [key, tile] of this.#store.entries()) {
          if (tile.address.layer === layer.id && tile.table !== undefined) {
            this.backend.setPalette(key, createPalette(tile.table, selected));
          }
        }
      }
    }
  }

  /** Until the first tile of another slice has come the panel goes on showing the last one, rather than nothing. */
  #heldDraws(view: PanelView, plan: PanelPlan, planAgain: (view: PanelView) => PanelPlan): PanelPlan {
    const { normal } = axesOf(view.plane);
    const depth = this.#shownDepths.get(view.plane);
    if (plan.drawn + plan.standIns > 0 || plan.pending === 0) {
      this.#shownDepths.set(view.plane, view.centerNm[normal]);
      return plan;
    }
    return depth === undefined ? plan : planAgain({ ...view, centerNm: withAxis(view.centerNm, normal, depth) });
  }

  #tilesOf(layer: number, matches: (key: string) => boolean): readonly StoredTile[] {
    const ofLayer = [...this.#store.entries()].filter(([key, tile]) => tile.address.layer === layer && matches(key));
    return ofLayer.map(([, tile]) => tile);
  }

  #createBackend(choice: RendererChoice): SliceBackend {
    const backend = createBackend(choice, {
      lost: () => {
        this.#lost = this.#backend;
        this.#useBackend("cpu");
      },
      restored: () => this.#replaceBackend(this.#choice),
    });
    backend.canvas.className = "slices-canvas";
    backend.canvas.dataset.backend = backend.name;
    backend.canvas.setAttribute("aria-hidden", "true");
    this.#options.container.prepend(backend.canvas);
    return backend;
  }

  #replaceBackend(choice: RendererChoice): void {
    const last = this.#backend;
    this.#useBackend(choice);
    last?.dispose();
    this.#lost?.dispose();
    this.#lost = undefined;
  }

  #useBackend(choice: RendererChoice): void {
    this.#backend?.canvas.remove();
    this.#backend = this.#createBackend(choice);
    for (const [key, tile] of this.#store.entries()) {
      this.#upload(key, tile);
    }
    this.#options.changed();
  }
}

function toWireError(error: unknown): WireError {
  if (error instanceof PortError) {
    return error.wire;
  }
  return { tag: "internal", message: error instanceof Error ? error.message : String(error) };
}
