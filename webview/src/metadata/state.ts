/** What the editor knows, and how messages and the user change it. Pure: no DOM, no messages sent. */
import type { InfoDocument, JsonPath, Problem } from "../../../schemas/messages/infoEditor.ts";
import { type JsonDocument, readJson } from "./jsonDocument.ts";

/** What survives a reload of the page. */
export interface Layout {
  readonly isJsonOpen: boolean;
  readonly areProblemsOpen: boolean;
  readonly scrollTop: number;
}

export interface EditorState {
  readonly document: InfoDocument | undefined;
  readonly json: JsonDocument | undefined;
  readonly problems: readonly Problem[];
  /** Why the last thing that was asked for did not happen. */
  readonly notice: string | undefined;
  /** Path of the field that has the focus. */
  readonly focused: JsonPath | undefined;
  readonly layout: Layout;
}

export type EditorEvent =
  | { readonly type: "documentChanged"; readonly document: InfoDocument }
  | { readonly type: "problemsChanged"; readonly problems: readonly Problem[] }
  | { readonly type: "requestFailed"; readonly message: string }
  | { readonly type: "requestDone" }
  | { readonly type: "noticeDismissed" }
  | { readonly type: "fieldFocused"; readonly path: JsonPath | undefined }
  | { readonly type: "layoutChanged"; readonly layout: Partial<Layout> };

const usualLayout: Layout = { isJsonOpen: true, areProblemsOpen: true, scrollTop: 0 };

/** The state before the first message; `saved` is what an earlier load kept, of any shape. */
export function initialState(saved: unknown): EditorState {
  return {
    document: undefined,
    json: undefined,
    problems: [],
    notice: undefined,
    focused: undefined,
    layout: readLayout(saved),
  };
}

/** The state after `event`. */
export function reduce(state: EditorState, event: EditorEvent): EditorState {
  switch (event.type) {
    case "documentChanged":
      return event.document.text === state.document?.text
        ? { ...state, document: event.document }
        : { ...state, document: event.document, json: readJson(event.document.text) };
    case "problemsChanged":
      return { ...state, problems: event.problems };
    case "requestFailed":
      return { ...state, notice: event.message };
    case "requestDone":
    case "noticeDismissed":
      return { ...state, notice: undefined };
    case "fieldFocused":
      return { ...state, focused: event.path };
    case "layoutChanged":
      return { ...state, layout: { ...state.layout, ...event.layout } };
  }
}

function readLayout(saved: unknown): Layout {
  const { isJsonOpen, areProblemsOpen, scrollTop } = (
    typeof saved === "object" && saved !== null ? saved : {}
  ) as Record<string, unknown>;
  return {
    isJsonOpen: typeof isJsonOpen === "boolean" ? isJsonOpen : usualLayout.isJsonOpen,
    areProblemsOpen: typeof areProblemsOpen === "boolean" ? areProblemsOpen : usualLayout.areProblemsOpen,
    scrollTop: typeof scrollTop === "number" && scrollTop >= 0 ? scrollTop : usualLayout.scrollTop,
  };
}
