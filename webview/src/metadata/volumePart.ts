/** The section of the volume's own fields, and of the keys that the form does not know. */
import { createElement, createIcon } from "../components/dom.ts";
import type { Actions } from "./actions.ts";
import { createFieldControl, type FieldContext } from "./fieldControl.ts";
import { volumeFields } from "./fieldSpecs.ts";
import { createProblemList } from "./problemList.ts";
import type { ExtraView, FieldView } from "./view.ts";

export interface VolumePart {
  readonly element: HTMLElement;
  update(
    view: { readonly fields: readonly FieldView[]; readonly extras: readonly ExtraView[] },
    context: FieldContext,
  ): void;
}

/** The fields, each under its label, with its problems below. */
export function createVolumePart(actions: Actions): VolumePart {
  const rows = volumeFields.map((spec) => {
    const label = createElement("label", { text: spec.label, title: spec.help });
    const control = createFieldControl({ spec, actions });
    const problems = createProblemList(actions, { isLinked: false });
    const element = createElement("div", { className: "field", children: [label, control.element, problems.element] });
    return { element, label, control, problems };
  });
  const extras = createExtraList(actions);
  const heading = createElement("h2", { text: "Volume", attributes: { id: "volume-heading" } });
  return {
    element: createElement("section", {
      attributes: { "aria-labelledby": "volume-heading" },
      children: [
        heading,
        createElement("div", { className: "fields", children: rows.map((row) => row.element) }),
        extras.element,
      ],
    }),
    update(view, context) {
      for (const [at, field] of view.fields.entries()) {
        const row = rows[at];
        row?.label.setAttribute("for", field.id);
        row?.control.update(field, context);
        row?.problems.update(field.problems);
      }
      extras.update(view.extras);
    },
  };
}

export interface ExtraList {
  readonly element: HTMLElement;
  update(extras: readonly ExtraView[]): void;
}

/** Keys that are kept as they are: shown with their source, and a way to it. */
export function createExtraList(actions: Actions): ExtraList {
  const element = createElement("dl", { className: "extras" });
  let drawn = "";
  return {
    element,
    update(extras) {
      element.hidden = extras.length === 0;
      const key = JSON.stringify(extras);
      if (key !== drawn) {
        drawn = key;
        element.replaceChildren(...extras.map((extra) => createExtra(extra, actions)));
      }
    },
  };
}

function createExtra({ key, source, path }: ExtraView, actions: Actions): HTMLElement {
  const edit = createElement("button", {
    className: "icon-button",
    title: `Edit "${key}" in the JSON`,
    attributes: { type: "button", "aria-label": `Edit "${key}" in the JSON` },
    children: [createIcon("go-to-file")],
    onClick: () => actions.revealJson(path),
  });
  return createElement("div", {
    className: "extra",
    children: [
      createElement("dt", { text: key }),
      createElement("dd", { children: [createElement("code", { text: source, title: source }), edit] }),
    ],
  });
}
