/** The info editor's page: draws the document that the host sends, and sends back what the user does. */
import type { FieldEdit, InfoEditorHostVoice, InfoEditorWebviewVoice } from "../../../schemas/messages/infoEditor.ts";
import { createAnnouncer } from "../components/announcer.ts";
import { connectHost } from "../host/vscodeApi.ts";
import type { Actions } from "./actions.ts";
import type { JsonDocument } from "./jsonDocument.ts";
import "./metadata.css";
import { createPage } from "./page.ts";
import { type EditorEvent, initialState, reduce } from "./state.ts";
import { anchorOf, viewOf } from "./view.ts";

/** Pause after scrolling before the place is kept. */
const saveDelayMs = 200;

function start(root: HTMLElement): void {
  const { port, readState, saveState } = connectHost<InfoEditorWebviewVoice, InfoEditorHostVoice>();
  const announcer = createAnnouncer();
  let state = initialState(readState());
  let view = viewOf(state);
  /** Requests go one after the other: each is made from the document that the one before left. */
  let queue: Promise<void> = Promise.resolve();

  function dispatch(event: EditorEvent): void {
    const wasLoading = view.kind === "loading";
    state = reduce(state, event);
    view = viewOf(state);
    page.update(state, view);
    if (event.type === "layoutChanged") {
      saveState(state.layout);
    }
    if (wasLoading && view.kind !== "loading") {
      page.form.scrollTop = state.layout.scrollTop;
    }
  }

  function enqueue(request: () => Promise<string | undefined>): void {
    queue = queue.then(async () => {
      try {
        const done = await request();
        dispatch({ type: "requestDone" });
        if (done !== undefined) {
          announcer.announce(done);
        }
      } catch (error) {
        dispatch({
          type: "requestFailed",
          message: capitalise(error instanceof Error ? error.message : String(error)),
        });
      }
    });
  }

  async function sendEdits(
    label: string,
    makeEdits: (json: JsonDocument) => readonly FieldEdit[],
  ): Promise<string | undefined> {
    const { json, document } = state;
    const edits = json === undefined ? [] : makeEdits(json);
    if (document === undefined || edits.length === 0) {
      return undefined;
    }
    await port.request("edit", { version: document.version, edits, label });
    return capitalise(label);
  }

  const actions: Actions = {
    edit: (label, makeEdits) => enqueue(() => sendEdits(label, makeEdits)),
    applyFix: ({ index, fixes }, fix) =>
      enqueue(async () => {
        const title = fixes[fix] ?? "";
        await port.request("applyFix", { problem: index, fix, title });
        return `Applied: ${title}`;
      }),
    revealJson: (path) => enqueue(() => port.request("revealJson", { path }).then(() => undefined)),
    previewSlices: () => enqueue(() => port.request("previewSlices", {}).then(() => undefined)),
    goTo(path) {
      const id = anchorOf(view, path);
      const target = id === undefined ? undefined : document.getElementById(id);
      if (target === undefined || target === null) {
        actions.revealJson(path);
      } else {
        target.focus();
        target.scrollIntoView({ block: "center" });
      }
    },
    focusField: (path) => dispatch({ type: "fieldFocused", path }),
    setLayout: (layout) => dispatch({ type: "layoutChanged", layout }),
    dismissNotice: () => dispatch({ type: "noticeDismissed" }),
  };

  const page = createPage(actions);
  root.replaceChildren(page.element, announcer.element);
  page.update(state, view);
  let saving: ReturnType<typeof setTimeout> | undefined;
  page.form.addEventListener("scroll", () => {
    clearTimeout(saving);
    saving = setTimeout(() => actions.setLayout({ scrollTop: page.form.scrollTop }), saveDelayMs);
  });
  port.onEvent("documentChanged", (document) => dispatch({ type: "documentChanged", document }));
  port.onEvent("problemsChanged", ({ problems }) => dispatch({ type: "problemsChanged", problems }));
  port.send("ready", {});
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const root = document.getElementById("root");
if (root !== null) {
  start(root);
}
