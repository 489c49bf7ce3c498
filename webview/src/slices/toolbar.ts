/** The row of buttons above the panels. */
import type { SliceCommand, SliceLayout } from "../../../schemas/messages/slices.ts";
import { createElement, createIconButton } from "../components/dom.ts";
import { axesOf, axisNames } from "./geometry.ts";
import { referenceScale, type SliceModel } from "./state.ts";

export interface ToolbarListener {
  readonly command: (name: SliceCommand) => void;
  readonly goToSlice: (slice: number) => void;
  readonly toggleHelp: () => void;
  readonly toggleLayerList: () => void;
}

export interface Toolbar {
  readonly element: HTMLElement;
  update(model: SliceModel, state: { readonly isLayerListOpen: boolean; readonly isHelpOpen: boolean }): void;
}

const layouts: readonly (readonly [SliceLayout, SliceCommand, string])[] = [
  ["xy", "layoutXy", "xy plane"],
  ["xz", "layoutXz", "xz plane"],
  ["yz", "layoutYz", "yz plane"],
  ["all", "layoutAll", "All three planes"],
];

export function createToolbar(listener: ToolbarListener): Toolbar {
  const layoutButtons = layouts.map(([layout, command, label]) => ({
    layout,
    button: createElement("button", {
      className: "icon-button text-button",
      text: layout,
      title: label,
      attributes: { type: "button", "aria-label": label, "data-layout": layout },
      onClick: () => listener.command(command),
    }),
  }));
  const slice = createSliceField(listener);
  const layers = createIconButton("layers", "Layers", listener.toggleLayerList);
  const help = createIconButton("keyboard", "Keys", listener.toggleHelp);
  const command = (icon: string, label: string, name: SliceCommand): HTMLButtonElement =>
    createIconButton(icon, label, () => listener.command(name));
  const group = (label: string, ...children: readonly HTMLElement[]): HTMLElement =>
    createElement("div", { className: "toolbar-group", attributes: { role: "group", "aria-label": label }, children });
  const element = createElement("div", {
    className: "toolbar",
    attributes: { role: "toolbar", "aria-label": "Slices" },
    children: [
      group("Layout", ...layoutButtons.map(({ button }) => button)),
      group(
        "Slice",
        command("chevron-up", "Previous slice (Page Up)", "previousSlice"),
        slice.element,
        command("chevron-down", "Next slice (Page Down)", "nextSlice"),
      ),
      group(
        "Zoom",
        command("zoom-out", "Zoom out (-)", "zoomOut"),
        command("zoom-in", "Zoom in (+)", "zoomIn"),
        command("screen-full", "Show the whole volume (Home)", "resetView"),
      ),
      group(
        "Copy",
        command("copy", "Copy position", "copyPosition"),
        command("symbol-color", "Copy label", "copyLabel"),
      ),
      createElement("span", { className: "toolbar-space" }),
      group("View", help, layers),
    ],
  });
  return {
    element,
    update(model, { isLayerListOpen, isHelpOpen }) {
      for (const { layout, button } of layoutButtons) {
        button.setAttribute("aria-pressed", String(layout === model.layout));
      }
      slice.update(model);
      layers.setAttribute("aria-pressed", String(isLayerListOpen));
      help.setAttribute("aria-pressed", String(isHelpOpen));
      element.inert = referenceScale(model, model.activePlane) === undefined;
    },
  };
}

/** The number of the active panel's slice, which can be typed over. */
function createSliceField(listener: ToolbarListener): {
  readonly element: HTMLElement;
  readonly update: (model: SliceModel) => void;
} {
  const axis = createElement("span", { className: "slice-axis", attributes: { "aria-hidden": "true" } });
  const input = createElement("input", { className: "number-field", attributes: { type: "number", step: "1" } });
  const range = createElement("span", { className: "slice-range" });
  input.addEventListener("change", () => {
    if (Number.isFinite(input.valueAsNumber)) {
      listener.goToSlice(Math.round(input.valueAsNumber));
    }
  });
  return {
    element: createElement("span", { className: "slice-field", children: [axis, input, range] }),
    update(model) {
      const scale = referenceScale(model, model.activePlane);
      const { normal } = axesOf(model.activePlane);
      axis.textContent = axisNames[normal];
      input.setAttribute("aria-label", `Slice along ${axisNames[normal]}`);
      input.disabled = scale === undefined;
      if (scale === undefined) {
        input.value = "";
        range.textContent = "";
        return;
      }
      const value = String(Math.floor(model.centerNm[normal] / scale.resolutionNm[normal]));
      input.min = String(scale.min[normal]);
      input.max = String(scale.max[normal] - 1);
      if (input.value !== value) {
        input.value = value;
      }
      range.textContent = `/ ${scale.max[normal]}`;
    },
  };
}
