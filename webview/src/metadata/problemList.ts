/** A list of problems with their quick fixes. */
import type { Problem } from "../../../schemas/messages/infoEditor.ts";
import { createElement, createIcon } from "../components/dom.ts";
import type { Actions } from "./actions.ts";
import type { NumberedProblem } from "./view.ts";

export interface ProblemList {
  readonly element: HTMLElement;
  update(problems: readonly NumberedProblem[]): void;
}

/**
 * Shows problems where they are: each has the id that its field's `aria-describedby` names. A list of links is the summary instead: its
 * items lead to the fields.
 */
export function createProblemList(actions: Actions, { isLinked }: { readonly isLinked: boolean }): ProblemList {
  const element = createElement("ul", { className: "problems", attributes: { role: "list" } });
  let drawn = "";
  return {
    element,
    update(problems) {
      element.hidden = problems.length === 0;
      const key = JSON.stringify(problems);
      if (key !== drawn) {
        drawn = key;
        element.replaceChildren(...problems.map((problem) => createItem(problem, actions, isLinked)));
      }
    },
  };
}

const severityNames: Readonly<Record<Problem["severity"], { readonly icon: string; readonly name: string }>> = {
  error: { icon: "error", name: "Error" },
  warning: { icon: "warning", name: "Warning" },
  information: { icon: "info", name: "Information" },
  hint: { icon: "lightbulb", name: "Hint" },
};

function createItem(problem: NumberedProblem, actions: Actions, isLinked: boolean): HTMLElement {
  const { icon, name } = severityNames[problem.severity];
  const message = isLinked
    ? createElement("button", {
        className: "link problem-message",
        text: problem.message,
        attributes: { type: "button" },
        onClick: () => actions.goTo(problem.path),
      })
    : createElement("span", { className: "problem-message", text: problem.message });
  const fixes = problem.fixes.map((title, fix) => createFix(title, () => actions.applyFix(problem, fix)));
  const where = isLinked ? ` · line ${problem.line}` : "";
  return createElement("li", {
    className: `problem is-${problem.severity}`,
    attributes: isLinked ? {} : { id: `problem-${problem.index}` },
    children: [
      createIcon(icon),
      createElement("span", { className: "visually-hidden", text: `${name}: ` }),
      message,
      " ",
      createElement("span", { className: "problem-code", text: `${problem.code}${where}` }),
      ...fixes.flatMap((fix) => [" ", fix]),
    ],
  });
}

function createFix(title: string, onClick: () => void): HTMLButtonElement {
  return createElement("button", {
    className: "fix",
    title: "Apply this quick fix",
    attributes: { type: "button" },
    children: [createIcon("lightbulb"), createElement("span", { text: title })],
    onClick,
  });
}
