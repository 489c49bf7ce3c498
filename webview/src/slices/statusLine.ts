/** The line below the panels: where the pointer is, what is there, at which resolution one looks. */
import type { Triple } from "../../../schemas/protocol/volume.ts";
import { createElement, setText } from "../components/dom.ts";
import { segmentColor, toHex } from "../render/segmentColor.ts";
import { formatNm, formatNumber, formatPosition } from "./format.ts";

export interface StatusValue {
  readonly name: string;
  /** Absent while it is asked for. */
  readonly text: string | undefined;
  readonly label?: bigint;
}

export interface StatusState {
  /** Voxel of mip 0 of the lowest visible layer; absent without one. */
  readonly voxel: Triple | undefined;
  readonly pointNm: Triple;
  readonly values: readonly StatusValue[];
  readonly mips: readonly number[];
  /** nm per CSS pixel. */
  readonly nmPerPixel: number;
  readonly pendingTiles: number;
  readonly backend: string;
}

export interface StatusLine {
  readonly element: HTMLElement;
  update(state: StatusState): void;
  /** Shows a short message in place of the position for a moment. */
  flash(text: string): void;
}

const flashMs = 2000;

export function createStatusLine(): StatusLine {
  const position = createElement("span", { className: "status-position", title: "Voxel of mip 0" });
  const nm = createElement("span", { className: "status-nm", title: "Position in nm" });
  const values = createElement("span", { className: "status-values" });
  const message = createElement("span", { className: "status-message" });
  const view = createElement("span", { className: "status-view" });
  const element = createElement("div", {
    className: "status",
    attributes: { role: "group", "aria-label": "Readout" },
    children: [position, nm, values, createElement("span", { className: "toolbar-space" }), message, view],
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    element,
    update(state) {
      setText(position, state.voxel === undefined ? "" : formatPosition(state.voxel));
      setText(nm, state.voxel === undefined ? "" : formatNm(state.pointNm));
      updateValues(values, state.values);
      const loading = state.pendingTiles === 0 ? [] : [`loading ${state.pendingTiles}`];
      const mips = state.mips.length === 0 ? [] : [`mip ${state.mips.join("/")}`];
      const zoom = state.voxel === undefined ? [] : [`${formatNumber(state.nmPerPixel)} nm/px`];
      setText(view, [...loading, ...mips, ...zoom].join(" · "));
      view.title = `Drawn by ${state.backend === "cpu" ? "the CPU" : "WebGL2"}`;
    },
    flash(text) {
      setText(message, text);
      clearTimeout(timer);
      timer = setTimeout(() => setText(message, ""), flashMs);
    },
  };
}

function updateValues(container: HTMLElement, values: readonly StatusValue[]): void {
  const key = values.map(({ name, text }) => `${name}\n${text ?? "…"}`).join("\n");
  if (container.dataset.key === key) {
    return;
  }
  container.dataset.key = key;
  container.replaceChildren(...values.map(createValue));
}

function createValue({ name, text, label }: StatusValue): HTMLElement {
  const parts: HTMLElement[] = [createElement("span", { className: "status-name", text: name })];
  if (label !== undefined && label !== 0n) {
    const swatch = createElement("span", { className: "swatch", attributes: { "aria-hidden": "true" } });
    swatch.style.background = toHex(segmentColor(label));
    parts.push(swatch);
  }
  parts.push(createElement("span", { className: "status-number", text: text ?? "…" }));
  return createElement("span", { className: "status-value", children: parts });
}
