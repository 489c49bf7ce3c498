/** One scale in the table: the row of its fields, and a row below for its problems and for what the form does not know. */
import { createElement, createIconButton, setText } from "../components/dom.ts";
import type { Actions } from "./actions.ts";
import { createFieldControl, type FieldContext, type FieldControl } from "./fieldControl.ts";
import { scaleFields } from "./fieldSpecs.ts";
import { createProblemList } from "./problemList.ts";
import { changeEncoding, duplicateScale, moveScale, removeScale } from "./scaleEdits.ts";
import type { FieldView, ScaleView } from "./view.ts";
import { createExtraList } from "./volumePart.ts";

export interface ScaleRow {
  /** A `tbody`. */
  readonly element: HTMLElement;
  update(scale: ScaleView, context: FieldContext & { readonly count: number }): void;
}

interface Column {
  readonly title: string;
  readonly unit?: string;
  readonly help: string;
  readonly isHidden?: boolean;
}

/** The columns of the table; `createScaleRow` fills them in this order. */
export const columns: readonly Column[] = [
  { title: "Mip", help: "Place in the list, 0 = finest." },
  { title: "Key", help: scaleFields.key.help },
  { title: "Resolution", unit: "nm", help: scaleFields.resolution.help },
  { title: "Size", unit: "voxels", help: scaleFields.size.help },
  { title: "Voxel offset", help: scaleFields.voxel_offset.help },
  { title: "Chunk size", unit: "voxels", help: scaleFields.chunk_sizes.help },
  { title: "Encoding", help: scaleFields.encoding.help },
  { title: "Sharded", help: "Many chunks in one object, or an object for each." },
  { title: "Actions", help: "", isHidden: true },
];

type Cell = "key" | "resolution" | "size" | "voxel_offset" | "chunk_sizes" | "encoding";

/** The column of a cell whose facts stand below its field. */
const cells: readonly Cell[] = ["key", "resolution", "size", "voxel_offset", "chunk_sizes", "encoding"];

/** A row without a scale; `update` fills it. */
export function createScaleRow(actions: Actions): ScaleRow {
  let shown: ScaleView | undefined;
  const mip = createElement("th", { attributes: { scope: "row" } });
  const fields = cells.map((name) => createCell(name, actions));
  const parameters = createParameters(actions);
  fields[cells.indexOf("encoding")]?.element.append(parameters.element);
  const sharded = createElement("td", { className: "sharded" });
  const buttons = createButtons(actions, () => shown);
  const row = createElement("tr", {
    children: [
      mip,
      ...fields.map((cell) => cell.element),
      sharded,
      createElement("td", { className: "row-actions", children: [buttons.element] }),
    ],
  });
  const problems = createProblemList(actions, { isLinked: false });
  const extras = createExtraList(actions);
  const detailCell = createElement("td", {
    attributes: { colspan: String(columns.length - 1) },
    children: [problems.element, extras.element],
  });
  const detail = createElement("tr", { className: "detail", children: [createElement("td"), detailCell] });
  return {
    element: createElement("tbody", { children: [row, detail] }),
    update(scale, context) {
      shown = scale;
      setText(mip, String(scale.index));
      for (const [at, cell] of fields.entries()) {
        const name = cells[at];
        if (name !== undefined) {
          cell.update(scale.fields[name], { scale, context });
        }
      }
      parameters.update(scale, context);
      setText(sharded, scale.facts.sharding.isSharded ? "yes" : "no");
      sharded.title = scale.facts.sharding.summary;
      buttons.update(scale, context);
      problems.update(scale.problems);
      extras.update(scale.extras);
      detail.hidden = scale.problems.length + scale.extras.length === 0;
    },
  };
}

interface CellPart {
  readonly element: HTMLElement;
  update(view: FieldView, options: { readonly scale: ScaleView; readonly context: FieldContext }): void;
}

function createCell(name: Cell, actions: Actions): CellPart {
  const control = createFieldControl({
    spec: scaleFields[name],
    actions,
    ...(name === "encoding"
      ? { editsOfChoice: (json, { place }, choice) => changeEncoding(json, place.base, choice) }
      : {}),
  });
  const facts = createElement("div", { className: "facts" });
  const isDescribed = name === "size" || name === "chunk_sizes";
  return {
    element: createElement("td", { children: [control.element, ...(isDescribed ? [facts] : [])] }),
    update(view, { scale, context }) {
      facts.id = `${view.id}-facts`;
      const text = isDescribed ? factsOf(name, scale) : "";
      setText(facts, text);
      control.update(view, {
        ...context,
        label: `${scaleFields[name].label} of scale ${scale.index}`,
        describedBy: text === "" ? [] : [facts.id],
      });
    },
  };
}

function factsOf(name: Cell, { facts }: ScaleView): string {
  if (name === "size") {
    return facts.extent ?? "";
  }
  const chunks =
    facts.chunkCount === undefined ? undefined : `${facts.chunkCount} ${facts.chunkCount === "1" ? "chunk" : "chunks"}`;
  const others = facts.otherChunkSizes > 0 ? `+${facts.otherChunkSizes} more` : undefined;
  const each = facts.chunkBytes === undefined ? undefined : `${facts.chunkBytes} each`;
  return [chunks, each, others].filter((part) => part !== undefined).join("\n");
}

/** The parameters of the encoding, below it. */
function createParameters(actions: Actions): {
  element: HTMLElement;
  update(scale: ScaleView, context: FieldContext): void;
} {
  const element = createElement("div", { className: "parameters" });
  let drawn = "";
  let parts: { label: HTMLElement; control: FieldControl }[] = [];
  return {
    element,
    update({ parameters, index }, context) {
      const keys = parameters.map(({ place }) => place.spec.key).join();
      if (keys !== drawn) {
        drawn = keys;
        parts = parameters.map(({ place: { spec } }) => ({
          label: createElement("label", { text: spec.label, title: spec.help }),
          control: createFieldControl({ spec, actions }),
        }));
        element.replaceChildren(...parts.flatMap(({ label, control }) => [label, control.element]));
      }
      for (const [at, parameter] of parameters.entries()) {
        parts[at]?.label.setAttribute("for", parameter.id);
        parts[at]?.control.update(parameter, {
          ...context,
          label: `Encoding ${parameter.place.spec.label} of scale ${index}`,
        });
      }
    },
  };
}

function createButtons(
  actions: Actions,
  shown: () => ScaleView | undefined,
): { element: HTMLElement; update(scale: ScaleView, context: { isReadOnly: boolean; count: number }): void } {
  const onScale = (act: (index: number) => void) => (): void => {
    const scale = shown();
    if (scale !== undefined) {
      act(scale.index);
    }
  };
  const up = createIconButton(
    "arrow-up",
    "Move up",
    onScale((index) => actions.edit("scale moved up", (json) => moveScale(json, index, -1))),
  );
  const down = createIconButton(
    "arrow-down",
    "Move down",
    onScale((index) => actions.edit("scale moved down", (json) => moveScale(json, index, 1))),
  );
  const copy = createIconButton(
    "copy",
    "Duplicate",
    onScale((index) => actions.edit("scale duplicated", (json) => duplicateScale(json, index))),
  );
  const remove = createIconButton(
    "trash",
    "Remove",
    onScale((index) => actions.edit("scale removed", () => removeScale(index))),
  );
  const element = createElement("div", { className: "buttons", children: [up, down, copy, remove] });
  return {
    element,
    update({ index }, { isReadOnly, count }) {
      element.hidden = isReadOnly;
      up.disabled = index === 0;
      down.disabled = index === count - 1;
      for (const [button, verb] of [
        [up, "Move"],
        [down, "Move"],
        [copy, "Duplicate"],
        [remove, "Remove"],
      ] as const) {
        const where = button === up ? " up" : button === down ? " down" : "";
        button.setAttribute("aria-label", `${verb} scale ${index}${where}`);
      }
    },
  };
}
