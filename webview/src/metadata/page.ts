/** The whole page: makes the parts and gives each what it shows. */
import { createElement } from "../components/dom.ts";
import type { Actions } from "./actions.ts";
import { createBannerPart } from "./bannerPart.ts";
import { createHeaderPart } from "./headerPart.ts";
import { createJsonPart } from "./jsonPart.ts";
import { createOtherPart } from "./otherPart.ts";
import { createScalesPart } from "./scalesPart.ts";
import type { EditorState } from "./state.ts";
import { createSummaryPart } from "./summaryPart.ts";
import type { DocumentView } from "./view.ts";
import { createVolumePart } from "./volumePart.ts";

export interface Page {
  readonly element: HTMLElement;
  /** The part that scrolls. */
  readonly form: HTMLElement;
  update(state: EditorState, view: DocumentView): void;
}

/** A page that shows nothing until it is updated. */
export function createPage(actions: Actions): Page {
  const header = createHeaderPart(actions);
  const banners = createBannerPart(actions);
  const summary = createSummaryPart(actions);
  const volume = createVolumePart(actions);
  const scales = createScalesPart(actions);
  const other = createOtherPart(actions);
  const jsonPane = createJsonPart(actions);
  const form = createElement("main", {
    children: [banners.element, summary.element, volume.element, scales.element, other.element],
  });
  return {
    element: createElement("div", {
      className: "page",
      children: [header.element, createElement("div", { className: "panes", children: [form, jsonPane.element] })],
    }),
    form,
    update(state, view) {
      const { json, document } = state;
      header.update(state, view);
      banners.update(state);
      summary.update(state);
      other.update(view);
      jsonPane.update(state);
      volume.element.hidden = view.kind !== "volume";
      scales.element.hidden = view.kind !== "volume";
      if (view.kind === "volume" && json !== undefined) {
        const context = { json, isReadOnly: document?.isReadOnly ?? true };
        volume.update(view, context);
        scales.update(view.scales, context);
      }
    },
  };
}
