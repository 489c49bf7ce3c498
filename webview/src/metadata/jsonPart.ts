/** The JSON beside the form: the text as it is, with the field that has the focus and the lines that have problems marked. */
import type { JsonPath, Problem } from "../../../schemas/messages/infoEditor.ts";
import { createElement, createIconButton } from "../components/dom.ts";
import type { Actions } from "./actions.ts";
import { type JsonDocument, linesOf, nodeAt } from "./jsonDocument.ts";
import { linesOfTokens, type Token } from "./jsonLines.ts";
import type { EditorState } from "./state.ts";

export interface JsonPart {
  readonly element: HTMLElement;
  update(state: EditorState): void;
}

/** Lines beyond this are not drawn; the text editor shows them. */
const maxLines = 5000;

/** The pane. Its text is not edited here. */
export function createJsonPart(actions: Actions): JsonPart {
  const code = createElement("code");
  const pre = createElement("pre", {
    className: "source",
    attributes: { tabindex: "0", role: "region", "aria-label": "JSON source, read-only" },
    children: [code],
  });
  const open = createIconButton("go-to-file", "Open JSON beside", () => actions.revealJson([]));
  const close = createIconButton("close", "Hide JSON", () => actions.setLayout({ isJsonOpen: false }));
  const title = createElement("h2", { text: "JSON" });
  const element = createElement("aside", {
    className: "json-pane",
    attributes: { "aria-label": "JSON" },
    children: [createElement("div", { className: "pane-title", children: [title, open, close] }), pre],
  });
  let drawn: JsonDocument | undefined;
  let marked = "";
  return {
    element,
    update({ json, problems, focused, layout }) {
      element.hidden = !layout.isJsonOpen || json === undefined;
      if (element.hidden || json === undefined) {
        return;
      }
      if (json !== drawn) {
        drawn = json;
        marked = "";
        code.replaceChildren(...linesOfTokens(json).slice(0, maxLines).map(createLine));
      }
      const key = JSON.stringify([focused, problems]);
      if (key !== marked) {
        marked = key;
        mark(code, { json, problems, focused });
      }
    },
  };
}

function createLine(tokens: readonly Token[]): HTMLElement {
  const children = tokens.map(({ kind, text }) =>
    kind === "plain" ? text : createElement("span", { className: `is-${kind}`, text }),
  );
  return createElement("span", { className: "line", children: [...children, "\n"] });
}

interface Marks {
  readonly json: JsonDocument;
  readonly problems: readonly Problem[];
  readonly focused: JsonPath | undefined;
}

function mark(code: HTMLElement, { json, problems, focused }: Marks): void {
  for (const line of code.querySelectorAll(".is-focused, .has-error, .has-warning, .has-information, .has-hint")) {
    line.className = "line";
    line.removeAttribute("title");
  }
  const { syntaxProblem } = json;
  const marks = syntaxProblem === undefined ? problems : [{ ...syntaxProblem, severity: "error" }, ...problems];
  for (const { line, severity, message } of marks) {
    const element = code.children[line - 1];
    element?.classList.add(`has-${severity}`);
    element?.setAttribute("title", message);
  }
  const node = focused === undefined ? undefined : nodeAt(json.root, focused);
  if (node !== undefined) {
    const { first, last } = linesOf(json, node);
    for (let line = first; line <= last; line++) {
      code.children[line - 1]?.classList.add("is-focused");
    }
    code.children[last - 1]?.scrollIntoView({ block: "nearest" });
    code.children[first - 1]?.scrollIntoView({ block: "nearest" });
  }
}
