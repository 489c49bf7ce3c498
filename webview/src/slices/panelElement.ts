/** One panel in the page: the focusable frame with its title, scale bar, cross hair and tip. The slices themselves lie below it. */
import type { Plane } from "../../../schemas/protocol/volume.ts";
import { createElement, setText } from "../components/dom.ts";
import type { Theme } from "../host/theme.ts";
import { scaleBarFor } from "./format.ts";
import { axesOf, planeAcross } from "./geometry.ts";
import { listenToPanel, type PanelInputListener } from "./panelInput.ts";
import type { PanelBox } from "./panelLayout.ts";

export interface PanelElement {
  readonly plane: Plane;
  readonly element: HTMLElement;
  update(state: PanelAppearance): void;
  /** Shows a tip near a point of the panel, or none. */
  showTip(text: string | undefined, point?: readonly [x: number, y: number]): void;
}

export interface PanelAppearance {
  readonly box: PanelBox;
  readonly nmPerPixel: number;
  /** For example `slice 32 of 64`. */
  readonly slice: string;
  /** Lines across the whole panel; else a small mark at the centre for who moves by keys. */
  readonly hasCrossHair: boolean;
  readonly isActive: boolean;
  /** Edges of the volume in the panel, in CSS pixels: [left, top, right, bottom]. */
  readonly bounds: readonly [number, number, number, number] | undefined;
  readonly theme: Theme;
}

/** Theme colours of the planes: a line has the colour of the plane that it stands for. */
const planeColors: Readonly<Record<Plane, readonly [variable: string, fallback: string]>> = {
  xy: ["--vscode-charts-blue", "#3794ff"],
  xz: ["--vscode-charts-green", "#89d185"],
  yz: ["--vscode-charts-red", "#f14c4c"],
};

/** A panel of `plane`; `helpId` names the element that describes its keys. */
export function createPanelElement(plane: Plane, helpId: string, input: PanelInputListener): PanelElement {
  const overlay = createElement("canvas", { className: "panel-overlay", attributes: { "aria-hidden": "true" } });
  const title = createElement("span", { className: "panel-plane", text: plane });
  const slice = createElement("span", { className: "panel-slice" });
  const bar = createElement("div", { className: "scale-bar-line" });
  const length = createElement("span", { className: "scale-bar-length" });
  const tip = createElement("div", { className: "panel-tip", attributes: { role: "tooltip" } });
  tip.hidden = true;
  const element = createElement("div", {
    className: "panel",
    attributes: { role: "application", tabindex: "0", "aria-describedby": helpId, "data-plane": plane },
    children: [
      overlay,
      createElement("div", { className: `panel-title panel-title-${plane}`, children: [title, slice] }),
      createElement("div", { className: "scale-bar", children: [length, bar] }),
      tip,
    ],
  });
  listenToPanel(element, input);

  function update(state: PanelAppearance): void {
    const { box } = state;
    Object.assign(element.style, {
      left: `${box.x}px`,
      top: `${box.y}px`,
      width: `${box.width}px`,
      height: `${box.height}px`,
    });
    element.classList.toggle("active", state.isActive);
    element.setAttribute("aria-label", `${plane} ${state.slice}`);
    setText(slice, state.slice);
    const scaleBar = scaleBarFor(state.nmPerPixel, Math.max(40, Math.min(160, box.width / 4)));
    bar.style.width = `${scaleBar.pixels}px`;
    setText(length, scaleBar.label);
    drawOverlay(overlay, plane, state);
  }

  return {
    plane,
    element,
    update,
    showTip(text, point = [0, 0]) {
      tip.hidden = text === undefined;
      setText(tip, text ?? "");
      const isRight = point[0] > element.clientWidth / 2;
      const isLow = point[1] > element.clientHeight / 2;
      tip.style.left = isRight ? "auto" : `${point[0] + 14}px`;
      tip.style.right = isRight ? `${element.clientWidth - point[0] + 10}px` : "auto";
      tip.style.top = isLow ? "auto" : `${point[1] + 14}px`;
      tip.style.bottom = isLow ? `${element.clientHeight - point[1] + 10}px` : "auto";
    },
  };
}

function drawOverlay(canvas: HTMLCanvasElement, plane: Plane, state: PanelAppearance): void {
  const ratio = window.devicePixelRatio || 1;
  const width = Math.round(state.box.width * ratio);
  const height = Math.round(state.box.height * ratio);
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const context = canvas.getContext("2d");
  if (context === null) {
    return;
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, state.box.width, state.box.height);
  drawBounds(context, state);
  drawCrossHair(context, plane, state);
}

function drawBounds(context: CanvasRenderingContext2D, { bounds, theme, box }: PanelAppearance): void {
  if (bounds === undefined) {
    return;
  }
  // Far edges are kept near the panel, because canvases lose precision with huge coordinates.
  const left = Math.max(-8, bounds[0]);
  const top = Math.max(-8, bounds[1]);
  const right = Math.min(box.width + 8, bounds[2]);
  const bottom = Math.min(box.height + 8, bounds[3]);
  const color = theme.color("--vscode-contrastBorder", theme.color("--vscode-editorWidget-border", "#888888"));
  context.strokeStyle = color;
  context.lineWidth = theme.isHighContrast ? 2 : 1;
  context.strokeRect(
    Math.round(left) - 0.5,
    Math.round(top) - 0.5,
    Math.round(right - left) + 1,
    Math.round(bottom - top) + 1,
  );
}

function drawCrossHair(context: CanvasRenderingContext2D, plane: Plane, state: PanelAppearance): void {
  const { horizontal, vertical } = axesOf(plane);
  const { width, height } = state.box;
  const [x, y] = [Math.round(width / 2) + 0.5, Math.round(height / 2) + 0.5];
  const gap = 7;
  const reachX = state.hasCrossHair ? width / 2 : gap + 9;
  const reachY = state.hasCrossHair ? height / 2 : gap + 9;
  context.lineWidth = state.theme.isHighContrast ? 2 : 1;
  context.globalAlpha = state.theme.isHighContrast ? 1 : 0.75;
  const line = (across: Plane, from: readonly [number, number], to: readonly [number, number]): void => {
    context.strokeStyle = state.theme.color(...planeColors[across]);
    context.beginPath();
    context.moveTo(...from);
    context.lineTo(...to);
    context.stroke();
  };
  line(planeAcross(horizontal), [x, y - reachY], [x, y - gap]);
  line(planeAcross(horizontal), [x, y + gap], [x, y + reachY]);
  line(planeAcross(vertical), [x - reachX, y], [x - gap, y]);
  line(planeAcross(vertical), [x + gap, y], [x + reachX, y]);
  context.globalAlpha = 1;
}
