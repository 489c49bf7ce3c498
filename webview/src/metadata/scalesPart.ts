/** The table of scales: a row for each, edited in place, with what follows from the fields below them and problems under the row. */
import { createElement, createIcon, setText } from "../components/dom.ts";
import type { Actions } from "./actions.ts";
import type { FieldContext } from "./fieldControl.ts";
import { addScale } from "./scaleEdits.ts";
import { columns, createScaleRow, type ScaleRow } from "./scaleRow.ts";
import type { ScaleView } from "./view.ts";

export interface ScalesPart {
  readonly element: HTMLElement;
  update(scales: readonly ScaleView[], context: FieldContext): void;
}

/** The section with the table and the button that adds a scale. */
export function createScalesPart(actions: Actions): ScalesPart {
  const rows: ScaleRow[] = [];
  const table = createElement("table", {
    className: "scales",
    attributes: { "aria-labelledby": "scales-heading" },
    children: [createHead()],
  });
  const empty = createElement("p", { className: "quiet", text: "No scales: without one there is nothing to read." });
  const add = createElement("button", {
    className: "button is-secondary",
    attributes: { type: "button" },
    children: [createIcon("add"), createElement("span", { text: "Add Scale" })],
    onClick: () => actions.edit("scale added", addScale),
  });
  const hint = createElement("span", { className: "quiet" });
  const frame = createElement("div", { className: "table-frame", children: [table] });
  const heading = createElement("h2", { text: "Scales", attributes: { id: "scales-heading" } });
  const footer = createElement("div", { className: "table-footer", children: [add, hint] });
  return {
    element: createElement("section", {
      attributes: { "aria-labelledby": "scales-heading" },
      children: [heading, empty, frame, footer],
    }),
    update(scales, context) {
      resize(table, rows, { count: scales.length, actions });
      for (const [at, scale] of scales.entries()) {
        rows[at]?.update(scale, { ...context, count: scales.length });
      }
      empty.hidden = scales.length > 0;
      frame.hidden = scales.length === 0;
      footer.hidden = context.isReadOnly;
      const last = scales.at(-1);
      setText(hint, last === undefined ? "" : `2 × 2 × 1 downsampled from ${last.name}`);
    },
  };
}

function resize(table: HTMLElement, rows: ScaleRow[], { count, actions }: { count: number; actions: Actions }): void {
  while (rows.length > count) {
    rows.pop()?.element.remove();
  }
  while (rows.length < count) {
    const row = createScaleRow(actions);
    rows.push(row);
    table.append(row.element);
  }
}

function createHead(): HTMLElement {
  const cells = columns.map(({ title, unit, help, isHidden }) =>
    createElement("th", {
      title: help,
      attributes: { scope: "col" },
      children: [
        createElement("span", { text: title, className: isHidden ? "visually-hidden" : "" }),
        ...(unit === undefined ? [] : [createElement("span", { className: "unit", text: ` ${unit}` })]),
      ],
    }),
  );
  return createElement("thead", { children: [createElement("tr", { children: cells })] });
}
