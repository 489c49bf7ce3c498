/** The slice view: joins the model, the renderer and the parts of the page, and redraws when one of them changes. */
import type { SliceCommand } from "../../../schemas/messages/slices.ts";
import type { Plane } from "../../../schemas/protocol/volume.ts";
import { readTheme, type Theme, watchTheme } from "../host/theme.ts";
import type { RendererChoice } from "../render/createBackend.ts";
import { applyCommand, isEffectCommand, moveActive, toggleOverlay } from "./actions.ts";
import { describeSlice, describeView } from "./describe.ts";
import { createDrawStyle } from "./drawStyle.ts";
import { formatPosition } from "./format.ts";
import { planes } from "./geometry.ts";
import { Inspector } from "./inspector.ts";
import { actionOfKey, type KeyAction } from "./keyboard.ts";
import type { LayerCardListener, LayerExtras } from "./layerCard.ts";
import { createEmptyNotice } from "./notices.ts";
import { assemblePage, createPageParts, panelHelpId } from "./page.ts";
import { createPanelElement, type PanelElement } from "./panelElement.ts";
import { layoutPanels, type PanelBox } from "./panelLayout.ts";
import type { ProberOptions } from "./probe.ts";
import { createSegmentTable } from "./segmentTable.ts";
import { createSidebar } from "./sidebar.ts";
import { type DrawnPanel, SliceRenderer, type SliceRendererOptions } from "./sliceRenderer.ts";
import {
  centerOn,
  changeLayer,
  clearSelection,
  createModel,
  goToSlice,
  type LayerModel,
  panBy,
  referenceLayer,
  referenceScale,
  refit,
  type SliceModel,
  selectLabel,
  stepSlice,
  withActivePlane,
  zoomAt,
} from "./state.ts";
import { createToolbar } from "./toolbar.ts";
import { boundsIn, fromCenter, nmAt, type Point, panelView, type Viewport } from "./viewport.ts";

/** What the view asks of the outside. */
export interface ViewerHost {
  readonly readTile: SliceRendererOptions["read"];
  readonly probe: ProberOptions["read"];
  readonly copyText: (text: string) => Promise<unknown>;
  readonly addLayer: () => void;
  readonly removeLayer: (layer: number) => void;
  readonly retryLayer: (layer: number) => void;
  /** The model is another. */
  readonly changed: (model: SliceModel) => void;
  /** A settled picture in words. */
  readonly described: (text: string) => void;
  readonly layerListToggled: (isOpen: boolean) => void;
}

/** Pause after which the list of labels follows the picture. */
const labelsDelayMs = 200;

/** Lives as long as the page, so it is never disposed. */
export class Viewer {
  readonly #host: ViewerHost;
  readonly #parts = createPageParts();
  readonly #renderer: SliceRenderer;
  readonly #inspector: Inspector;
  readonly #panels: readonly PanelElement[];
  readonly #empty;
  readonly #toolbar;
  readonly #segments;
  readonly #sidebar;
  #model: SliceModel = createModel();
  #theme: Theme = readTheme();
  #hasShown = false;
  #isLayerListOpen: boolean;
  #boxes: readonly PanelBox[] = [];
  #drawn: readonly DrawnPanel[] = [];
  #frame: number | undefined;
  #labelsTimer: ReturnType<typeof setTimeout> | undefined;
  /** The model changed since the last sentence was sent. */
  #isUndescribed = true;
  #lastDescription = "";

  constructor(root: HTMLElement, host: ViewerHost, options: { readonly isLayerListOpen: boolean }) {
    this.#host = host;
    this.#isLayerListOpen = options.isLayerListOpen;
    const changed = (): void => this.#refresh();
    this.#renderer = new SliceRenderer({ read: host.readTile, changed, container: this.#parts.view });
    const nothing: Viewport = { model: this.#model, boxes: [], ratio: 1 };
    this.#inspector = new Inspector(this.#renderer, nothing, { read: host.probe, answered: changed });
    this.#panels = planes.map((plane) => this.#createPanel(plane));
    this.#empty = createEmptyNotice({ add: host.addLayer, retry: host.retryLayer });
    this.#segments = createSegmentTable(({ layer, label }, isToggle) =>
      this.update((model) => selectLabel(model, layer, label.toString(), isToggle)),
    );
    this.#sidebar = createSidebar({ add: host.addLayer, ...this.#layerListener() }, this.#segments.element);
    this.#toolbar = createToolbar({
      command: (name) => this.run(name),
      goToSlice: (slice) => this.update((model) => goToSlice(model, model.activePlane, slice)),
      toggleHelp: () => this.#toggleHelp(),
      toggleLayerList: () => this.#toggleLayerList(),
    });
    assemblePage(root, this.#parts, {
      toolbar: this.#toolbar.element,
      panels: this.#panels.map(({ element }) => element),
      empty: this.#empty.element,
      sidebar: this.#sidebar.element,
    });
    watchTheme((theme) => {
      this.#theme = theme;
      this.#refresh();
    });
    new ResizeObserver(changed).observe(this.#parts.view);
    this.#draw();
  }

  get model(): SliceModel {
    return this.#model;
  }

  /** The host has answered; until then an empty view only says that it starts. */
  show(renderer: RendererChoice): void {
    this.#hasShown = true;
    this.setRenderer(renderer);
  }

  setRenderer(renderer: RendererChoice): void {
    this.#renderer.setRenderer(renderer);
    this.#refresh();
  }

  /** Changes the model and draws it in the next frame. */
  update(change: (model: SliceModel) => SliceModel): void {
    const next = change(this.#model);
    if (next !== this.#model) {
      this.#model = next;
      this.#isUndescribed = true;
      this.#host.changed(next);
      this.#refresh();
    }
  }

  /** Forgets the tiles of a layer. */
  forgetLayer(layer: number): void {
    this.#renderer.forgetLayer(layer);
  }

  setServerStopped(isStopped: boolean): void {
    this.#parts.banner.hidden = !isStopped;
    if (!isStopped) {
      this.#renderer.restart();
    }
  }

  /** Does a command of the palette, of a key or of a button. */
  run(name: SliceCommand): void {
    if (!isEffectCommand(name)) {
      const context = { sizes: this.#boxes, pixelRatio: this.#renderer.pixelRatio };
      this.update((model) => applyCommand(model, name, context));
      this.#announceSoon();
    } else if (name === "describeView") {
      const text = describeView(this.#model, this.#drawn);
      this.#host.described(text);
      this.#parts.status.flash(text);
      this.#parts.announcer.announce(`${text}. ${this.#inspector.describe()}`);
    } else {
      const { voxel } = this.#inspector;
      const position = voxel === undefined ? undefined : formatPosition(voxel);
      const selected = this.#model.layers.flatMap(({ view }) => view.selected ?? [])[0];
      void this.#copy(name === "copyPosition" ? position : (this.#inspector.labelAt()?.label?.toString() ?? selected));
    }
  }

  get #viewport(): Viewport {
    return { model: this.#model, boxes: this.#boxes, ratio: this.#renderer.pixelRatio };
  }

  #createPanel(plane: Plane): PanelElement {
    const panel = createPanelElement(plane, panelHelpId, {
      hover: (point) => {
        this.#inspector.setHover(plane, point);
        this.#updateReadout();
      },
      pan: (dx, dy) => this.update((model) => panBy(model, plane, dx, dy)),
      click: (point, isToggle) => this.#pick(plane, point, isToggle),
      doubleClick: (point) => this.update((model) => centerOn(model, nmAt(this.#viewport, plane, point))),
      step: (slices) => this.update((model) => stepSlice(model, plane, slices)),
      zoom: (factor, point) =>
        this.update((model) => zoomAt(model, plane, factor, fromCenter(this.#viewport, plane, point))),
    });
    panel.element.addEventListener("focus", () => this.update((model) => withActivePlane(model, plane)));
    panel.element.addEventListener("keydown", (event) => {
      const action = actionOfKey(event);
      if (action !== undefined) {
        event.preventDefault();
        this.#inspector.setHover(plane, undefined);
        this.#act(action);
      }
    });
    return panel;
  }

  #layerListener(): LayerCardListener {
    return {
      remove: this.#host.removeLayer,
      retry: (id) => {
        if (this.#model.layers.some(({ layer }) => layer.id === id && layer.problem !== undefined)) {
          this.#host.retryLayer(id);
        }
        this.#renderer.retryLayer(id);
      },
      change: (id, change) => this.update((model) => changeLayer(model, id, change)),
      autoWindow: (id) => {
        const window = this.#renderer.suggestWindow(id);
        if (window !== undefined) {
          this.update((model) => changeLayer(model, id, (view) => ({ ...view, window })));
        }
      },
    };
  }

  #act(action: KeyAction): void {
    switch (action.kind) {
      case "command":
        this.run(action.name);
        return;
      case "move":
        this.update((model) => moveActive(model, action.across, action.down));
        break;
      case "pick":
        this.#pick(this.#model.activePlane, undefined, action.isToggle);
        break;
      case "clear":
        this.#parts.help.hidden = true;
        this.update(clearSelection);
        break;
      case "toggleOverlay":
        this.update(toggleOverlay);
        break;
      case "help":
        this.#toggleHelp();
        return;
    }
    this.#announceSoon();
  }

  #toggleHelp(): void {
    this.#parts.help.hidden = !this.#parts.help.hidden;
    this.#refresh();
  }

  #toggleLayerList(): void {
    this.#isLayerListOpen = !this.#isLayerListOpen;
    this.#host.layerListToggled(this.#isLayerListOpen);
    this.#refresh();
  }

  async #copy(text: string | undefined): Promise<void> {
    const outcome =
      text === undefined
        ? "Nothing to copy here"
        : await this.#host.copyText(text).then(
            () => `Copied ${text}`,
            () => "The clipboard refused it",
          );
    this.#parts.status.flash(outcome);
    this.#parts.announcer.announce(outcome);
  }

  #pick(plane: Plane, point: Point | undefined, isToggle: boolean): void {
    const found = this.#inspector.labelAt(plane, point);
    const label = found?.label?.toString();
    if (found !== undefined && label !== undefined) {
      this.update((model) => selectLabel(model, found.layer, label, isToggle));
    }
  }

  #refresh(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      this.#draw();
    });
  }

  #draw(): void {
    this.#sidebar.element.hidden = !this.#isLayerListOpen || this.#model.layers.length === 0;
    if (!this.#hasShown) {
      for (const { element } of this.#panels) {
        element.hidden = true;
      }
      this.#empty.update(this.#model, false);
      return;
    }
    const { clientWidth, clientHeight } = this.#parts.view;
    this.#boxes = layoutPanels(this.#model.layout, clientWidth, clientHeight);
    this.#model = refit(this.#model, this.#boxes);
    const hasVolume = referenceLayer(this.#model) !== undefined;
    const viewport = this.#viewport;
    const views = hasVolume ? this.#boxes.map((box) => panelView(viewport, box)) : [];
    this.#drawn = this.#renderer.draw(this.#model, views, createDrawStyle(this.#theme, viewport.ratio));
    const { canvas } = this.#renderer.backend;
    canvas.hidden = !hasVolume;
    canvas.style.width = `${canvas.width / viewport.ratio}px`;
    canvas.style.height = `${canvas.height / viewport.ratio}px`;
    this.#inspector.update(viewport, this.#drawn);
    this.#updatePage(viewport);
    this.#describeWhenSettled();
  }

  #updatePage(viewport: Viewport): void {
    const focused = this.#panels.find(({ element }) => element === document.activeElement);
    for (const panel of this.#panels) {
      const box = this.#boxes.find(({ plane }) => plane === panel.plane);
      panel.element.hidden = box === undefined || this.#drawn.length === 0;
      if (box !== undefined && this.#drawn.length > 0) {
        this.#updatePanel(panel, box, viewport);
      }
    }
    if (focused?.element.hidden) {
      this.#panels.find(({ plane }) => plane === this.#model.activePlane)?.element.focus();
    }
    const isHelpOpen = !this.#parts.help.hidden;
    this.#toolbar.update(this.#model, { isLayerListOpen: this.#isLayerListOpen, isHelpOpen });
    this.#empty.update(this.#model, this.#hasShown);
    this.#parts.progress.classList.toggle("is-running", this.#renderer.countPending() > 0);
    this.#sidebar.update(this.#model, (layer) => this.#extrasOf(layer));
    this.#updateReadout();
    this.#labelsTimer ??= setTimeout(() => this.#updateLabels(), labelsDelayMs);
  }

  #updatePanel(panel: PanelElement, box: PanelBox, viewport: Viewport): void {
    const scale = referenceScale(this.#model, panel.plane);
    panel.update({
      box,
      nmPerPixel: this.#model.nmPerPixel,
      slice: scale === undefined ? "" : describeSlice(scale, panel.plane, this.#model),
      hasCrossHair: this.#model.layout === "all",
      isActive: this.#model.layout === "all" && this.#model.activePlane === panel.plane,
      bounds: boundsIn(viewport, box),
      theme: this.#theme,
    });
  }

  #extrasOf(layer: LayerModel): LayerExtras {
    const { id } = layer.layer;
    const remarks = this.#drawn.flatMap(({ plan }) => plan.remarks);
    const failures = remarks.filter((remark) => remark.kind === "failed" && remark.layer === id);
    return {
      window: this.#renderer.windowOf(layer),
      mip: this.#drawn.flatMap(({ plan }) => plan.mips.get(id) ?? [])[0],
      failedTiles: failures.length,
      failure: failures[0]?.error,
    };
  }

  #updateLabels(): void {
    this.#labelsTimer = undefined;
    const selected = new Map(this.#model.layers.map(({ layer, view }) => [layer.id, new Set(view.selected)]));
    this.#segments.update(
      this.#renderer.labelsInView(),
      ({ layer, label }) => selected.get(layer)?.has(label.toString()) === true,
    );
  }

  #updateReadout(): void {
    this.#parts.status.update({
      voxel: this.#inspector.voxel,
      pointNm: this.#inspector.pointNm,
      values: this.#inspector.values(),
      mips: [...new Set(this.#drawn.flatMap(({ plan }) => [...plan.mips.values()]))],
      nmPerPixel: this.#model.nmPerPixel,
      pendingTiles: this.#renderer.countPending(),
      backend: this.#renderer.backend.name,
    });
    for (const panel of this.#panels) {
      const point = this.#inspector.hoverIn(panel.plane);
      panel.showTip(point === undefined ? undefined : this.#inspector.remarkAt(panel.plane, point), point);
    }
  }

  /** Speaks what the keys led to, once it is drawn. */
  #announceSoon(): void {
    requestAnimationFrame(() =>
      requestAnimationFrame(() => this.#parts.announcer.announce(this.#inspector.describe())),
    );
  }

  #describeWhenSettled(): void {
    if (this.#drawn.length === 0 || this.#renderer.countPending() > 0) {
      return;
    }
    const text = describeView(this.#model, this.#drawn);
    if (this.#isUndescribed || text !== this.#lastDescription) {
      this.#isUndescribed = false;
      this.#lastDescription = text;
      this.#host.described(text);
    }
  }
}
