/** Banners above the form: what just failed, that the document is read-only, where the JSON is broken. */
import { createElement, createIcon, createIconButton, setText } from "../components/dom.ts";
import type { Actions } from "./actions.ts";
import type { EditorState } from "./state.ts";

export interface BannerPart {
  readonly element: HTMLElement;
  update(state: EditorState): void;
}

/** Shows those that apply. */
export function createBannerPart(actions: Actions): BannerPart {
  const dismiss = createIconButton("close", "Dismiss", () => actions.dismissNotice());
  const notice = createBanner("is-error", "error", [dismiss]);
  notice.element.setAttribute("role", "alert");
  const readOnly = createBanner("is-information", "lock", []);
  const show = createElement("button", {
    className: "link",
    text: "Show in the JSON",
    attributes: { type: "button" },
    onClick: () => actions.revealJson([]),
  });
  const syntax = createBanner("is-error", "error", [show]);
  return {
    element: createElement("div", {
      className: "banners",
      children: [notice.element, readOnly.element, syntax.element],
    }),
    update({ document, json, notice: text }) {
      notice.show(text);
      readOnly.show(document?.isReadOnly ? "This document is read-only: it can be looked at, not changed." : undefined);
      const problem = json?.syntaxProblem;
      syntax.show(
        problem === undefined
          ? undefined
          : `Fix the JSON first: ${problem.message} at line ${problem.line}, column ${problem.column}. What could be read is shown; edits near the error are refused.`,
      );
    },
  };
}

function createBanner(
  className: string,
  icon: string,
  actions: readonly HTMLElement[],
): { readonly element: HTMLElement; show(text: string | undefined): void } {
  const message = createElement("span", { className: "banner-text" });
  const element = createElement("div", {
    className: `banner ${className}`,
    children: [createIcon(icon), message, ...actions],
  });
  return {
    element,
    show(text) {
      element.hidden = text === undefined;
      setText(message, text ?? "");
    },
  };
}
