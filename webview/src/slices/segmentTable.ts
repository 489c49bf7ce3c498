/** The labels in view as a table: the text twin of the picture, from which labels can be selected by keyboard. */
import { createElement, setText } from "../components/dom.ts";
import { segmentColor, toHex } from "../render/segmentColor.ts";
import type { LabelInView } from "./readout.ts";

export interface SegmentTable {
  readonly element: HTMLElement;
  update(labels: readonly LabelInView[], isSelected: (label: LabelInView) => boolean): void;
}

/** More rows than this help nobody. */
const maxRows = 100;

export function createSegmentTable(select: (label: LabelInView, isToggle: boolean) => void): SegmentTable {
  const caption = createElement("h2", { className: "side-title", attributes: { id: "segments-title" } });
  const list = createElement("ul", { className: "segments", attributes: { "aria-labelledby": "segments-title" } });
  const more = createElement("div", { className: "side-note" });
  const element = createElement("section", { className: "segments-section", children: [caption, list, more] });
  let shown = "";
  return {
    element,
    update(labels, isSelected) {
      element.hidden = labels.length === 0;
      setText(caption, `Labels in view (${labels.length})`);
      const rows = labels.slice(0, maxRows);
      more.hidden = rows.length === labels.length;
      setText(more, `and ${labels.length - rows.length} smaller ones`);
      const key = rows.map((row) => `${row.layer}/${row.label}`).join();
      if (key !== shown) {
        shown = key;
        const focused = list.querySelector(":focus")?.getAttribute("data-key");
        list.replaceChildren(...rows.map((row) => createRow(row, select)));
        [...list.querySelectorAll("button")].find((button) => button.dataset.key === focused)?.focus();
      }
      for (const [index, button] of [...list.querySelectorAll("button")].entries()) {
        const row = rows[index];
        button.setAttribute("aria-pressed", String(row !== undefined && isSelected(row)));
      }
    },
  };
}

function createRow(row: LabelInView, select: (label: LabelInView, isToggle: boolean) => void): HTMLElement {
  const swatch = createElement("span", { className: "swatch", attributes: { "aria-hidden": "true" } });
  swatch.style.background = toHex(segmentColor(row.label));
  const button = createElement("button", {
    className: "segment",
    attributes: { type: "button", "data-key": `${row.layer}/${row.label}` },
    children: [swatch, createElement("span", { className: "segment-id", text: row.label.toString() })],
    onClick: (event) => select(row, event.shiftKey || event.ctrlKey || event.metaKey),
  });
  return createElement("li", { children: [button] });
}
