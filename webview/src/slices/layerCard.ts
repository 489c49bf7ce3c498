/** One layer in the list: what it is, and the controls for how it looks. Lives as long as its layer; updates never steal the focus. */

import type { WireError } from "../../../schemas/errors.ts";
import type { SliceLayerState } from "../../../schemas/messages/slices.ts";
import { createElement, createIcon, createIconButton, setText } from "../components/dom.ts";
import type { ContrastWindow } from "./contrast.ts";
import { formatNumber } from "./format.ts";
import { hintFor } from "./problems.ts";
import type { LayerModel, LayerVolume } from "./state.ts";

export interface LayerCardListener {
  readonly change: (id: number, change: (view: SliceLayerState) => SliceLayerState) => void;
  /** Fits the contrast window to what is in view. */
  readonly autoWindow: (id: number) => void;
  readonly remove: (id: number) => void;
  /** Opens a layer that failed once more, or asks again for its failed tiles. */
  readonly retry: (id: number) => void;
}

/** What the view knows about a layer beyond the model. */
export interface LayerExtras {
  readonly window: ContrastWindow;
  /** The mip in view, where it crosses a panel. */
  readonly mip: number | undefined;
  readonly failedTiles: number;
  /** Why the first of them failed. */
  readonly failure: WireError | undefined;
}

export interface LayerCard {
  readonly element: HTMLElement;
  update(model: LayerModel, extras: LayerExtras): void;
}

export function createLayerCard(id: number, listener: LayerCardListener): LayerCard {
  const change = (next: (view: SliceLayerState) => SliceLayerState): void => listener.change(id, next);
  const eye = createIconButton("eye", "Hide", () => change((view) => ({ ...view, isVisible: !view.isVisible })));
  const icon = createElement("span", { className: "layer-icon" });
  const name = createElement("span", { className: "layer-name" });
  const remove = createIconButton("close", "Remove", () => listener.remove(id));
  const facts = createElement("div", { className: "layer-facts" });
  const opacity = createOpacityRow(change);
  const contrast = createContrastRow(change, () => listener.autoWindow(id));
  const mip = createMipRow(change);
  const problem = createProblem(() => listener.retry(id));
  const controls = createElement("div", {
    className: "layer-controls",
    children: [opacity.element, contrast.element, mip.element],
  });
  const element = createElement("li", {
    className: "layer",
    children: [
      createElement("div", { className: "layer-head", children: [eye, icon, name, remove] }),
      facts,
      problem.element,
      controls,
    ],
  });
  return {
    element,
    update(model, extras) {
      const { layer, view } = model;
      setText(name, layer.name);
      name.title = layer.location;
      element.setAttribute("aria-label", layer.name);
      element.classList.toggle("is-hidden", !view.isVisible);
      setEye(eye, view.isVisible, layer.name);
      label(remove, `Remove ${layer.name}`);
      setIcon(icon, layer.volume?.layerType);
      setText(facts, layer.volume === undefined ? "" : factsOf(layer.volume));
      facts.hidden = layer.volume === undefined;
      problem.update(model, extras);
      controls.hidden = layer.volume === undefined;
      opacity.update(model);
      contrast.update(model, extras);
      mip.update(model, extras);
    },
  };
}

function factsOf({ dtype, channels, scales }: LayerVolume): string {
  const [scale] = scales;
  const size = scale === undefined ? "" : scale.max.map((end, axis) => end - (scale.min[axis] ?? 0)).join(" × ");
  const resolution = scale === undefined ? "" : `${scale.resolutionNm.map(formatNumber).join(" × ")} nm`;
  const type = channels > 1 ? `${dtype} × ${channels}` : dtype;
  return [type, scale?.encoding ?? "", size, resolution].filter((part) => part !== "").join(" · ");
}

function setEye(eye: HTMLButtonElement, isVisible: boolean, name: string): void {
  const icon = isVisible ? "eye" : "eye-closed";
  if (eye.dataset.icon !== icon) {
    eye.dataset.icon = icon;
    eye.replaceChildren(createIcon(icon));
  }
  label(eye, `${isVisible ? "Hide" : "Show"} ${name}`);
}

function setIcon(element: HTMLElement, layerType: LayerVolume["layerType"] | undefined): void {
  const icon = layerType === undefined ? "question" : layerType === "image" ? "file-media" : "symbol-color";
  if (element.dataset.icon !== icon) {
    element.dataset.icon = icon;
    element.replaceChildren(createIcon(icon));
  }
}

function label(element: HTMLElement, text: string): void {
  element.title = text;
  element.setAttribute("aria-label", text);
}

type Change = (change: (view: SliceLayerState) => SliceLayerState) => void;

interface Row {
  readonly element: HTMLElement;
  readonly update: (model: LayerModel, extras: LayerExtras) => void;
}

function createOpacityRow(change: Change): {
  readonly element: HTMLElement;
  readonly update: (model: LayerModel) => void;
} {
  const input = createElement("input", { attributes: { type: "range", min: "0", max: "100", step: "1" } });
  const output = createElement("output", { className: "row-value" });
  input.addEventListener("input", () => change((view) => ({ ...view, opacity: input.valueAsNumber / 100 })));
  return {
    element: createElement("label", {
      className: "row",
      children: [createElement("span", { className: "row-label", text: "Opacity" }), input, output],
    }),
    update({ layer, view }) {
      const percent = Math.round(view.opacity * 100);
      input.setAttribute("aria-label", `Opacity of ${layer.name}`);
      if (document.activeElement !== input) {
        input.value = String(percent);
      }
      input.style.setProperty("--filled", `${percent}%`);
      setText(output, `${percent} %`);
    },
  };
}

function createContrastRow(change: Change, auto: () => void): Row {
  const low = createElement("input", { className: "number-field", attributes: { type: "number", step: "any" } });
  const high = createElement("input", { className: "number-field", attributes: { type: "number", step: "any" } });
  const take = (): void => {
    const [from, to] = [low.valueAsNumber, high.valueAsNumber];
    if (Number.isFinite(from) && Number.isFinite(to)) {
      change((view) => ({ ...view, window: [from, to] }));
    }
  };
  low.addEventListener("change", take);
  high.addEventListener("change", take);
  const reset = createIconButton("discard", "Reset contrast", () => change(({ window: _, ...view }) => view));
  const fit = createIconButton("wand", "Fit contrast to what is in view", auto);
  const element = createElement("div", {
    className: "row",
    children: [
      createElement("span", { className: "row-label", text: "Contrast" }),
      low,
      createElement("span", { className: "row-dash", text: "–" }),
      high,
      fit,
      reset,
    ],
  });
  return {
    element,
    update({ layer, view }, { window }) {
      element.hidden = layer.volume?.layerType !== "image";
      low.setAttribute("aria-label", `Value drawn black of ${layer.name}`);
      high.setAttribute("aria-label", `Value drawn white of ${layer.name}`);
      label(fit, `Fit contrast of ${layer.name} to what is in view`);
      label(reset, `Reset contrast of ${layer.name}`);
      reset.disabled = view.window === undefined;
      for (const [input, value] of [[low, window[0]] as const, [high, window[1]] as const]) {
        if (document.activeElement !== input) {
          input.value = formatNumber(value);
        }
      }
    },
  };
}

function createMipRow(change: Change): Row {
  const select = createElement("select", { className: "select-field" });
  select.addEventListener("change", () =>
    change(({ mip: _, ...view }) => (select.value === "" ? view : { ...view, mip: Number(select.value) })),
  );
  let shape = "";
  return {
    element: createElement("label", {
      className: "row",
      children: [createElement("span", { className: "row-label", text: "Mip" }), select],
    }),
    update({ layer, view }, { mip }) {
      const resolutions = (layer.volume?.scales ?? []).map(({ resolutionNm }) =>
        resolutionNm.map(formatNumber).join(" × "),
      );
      if (shape !== resolutions.join()) {
        shape = resolutions.join();
        const options = resolutions.map((text, index) =>
          createElement("option", { text: `${index}: ${text} nm`, attributes: { value: String(index) } }),
        );
        select.replaceChildren(createElement("option", { attributes: { value: "" } }), ...options);
      }
      const [automatic] = select.options;
      if (automatic !== undefined) {
        setText(automatic, mip === undefined || view.mip !== undefined ? "Auto" : `Auto (${mip})`);
      }
      select.setAttribute("aria-label", `Mip of ${layer.name}`);
      select.value = view.mip === undefined ? "" : String(view.mip);
    },
  };
}

/** Why a layer or its tiles failed, and what to do; also that it is still being opened. */
function createProblem(retry: () => void): Row {
  const message = createElement("div", { className: "problem-message" });
  const hint = createElement("div", { className: "problem-hint" });
  const button = createElement("button", {
    className: "button secondary",
    text: "Retry",
    attributes: { type: "button" },
    onClick: retry,
  });
  const element = createElement("div", { className: "problem", children: [message, hint, button] });
  return {
    element,
    update({ layer }, { failedTiles, failure }) {
      const error = layer.problem ?? failure;
      const isOpening = error === undefined && layer.volume === undefined;
      element.hidden = error === undefined && !isOpening;
      element.classList.toggle("is-opening", isOpening);
      element.setAttribute("role", error === undefined ? "status" : "alert");
      button.hidden = error === undefined;
      button.setAttribute("aria-label", `Retry ${layer.name}`);
      if (error === undefined) {
        setText(message, isOpening ? "Opening…" : "");
        setText(hint, "");
        return;
      }
      const isTiles = layer.problem === undefined;
      const count = `${failedTiles} ${failedTiles === 1 ? "tile" : "tiles"} failed: `;
      setText(message, `${isTiles ? count : ""}${error.message}`);
      setText(hint, hintFor(error.tag));
    },
  };
}
