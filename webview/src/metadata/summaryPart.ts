/** The summary of all problems, above the form; each leads to its field. */
import { createElement, setText } from "../components/dom.ts";
import type { Actions } from "./actions.ts";
import { createProblemList } from "./problemList.ts";
import { countOf } from "./quantities.ts";
import type { EditorState } from "./state.ts";

export interface SummaryPart {
  readonly element: HTMLElement;
  update(state: EditorState): void;
}

/** A section that folds. */
export function createSummaryPart(actions: Actions): SummaryPart {
  const count = createElement("span");
  const list = createProblemList(actions, { isLinked: true });
  const element = createElement("details", {
    className: "summary",
    children: [createElement("summary", { children: [count] }), list.element],
  });
  element.addEventListener("toggle", () => actions.setLayout({ areProblemsOpen: element.open }));
  return {
    element,
    update({ problems, layout }) {
      element.hidden = problems.length === 0;
      if (element.open !== layout.areProblemsOpen) {
        element.open = layout.areProblemsOpen;
      }
      setText(count, summarise(problems.map(({ severity }) => severity)));
      list.update(problems.map((problem, index) => ({ ...problem, index })));
    },
  };
}

function summarise(severities: readonly string[]): string {
  return [
    ["error", "error"],
    ["warning", "warning"],
    ["information", "note"],
    ["hint", "hint"],
  ]
    .map(([severity, noun]) => [severities.filter((each) => each === severity).length, noun ?? ""] as const)
    .filter(([number]) => number > 0)
    .map(([number, noun]) => countOf(number, noun))
    .join(", ");
}
