/** One open form: keeps the webview up to date with the document and its problems, and answers what the form asks for. */
import * as vscode from "vscode";
import type { InfoEditorHostVoice, InfoEditorWebviewVoice } from "../../../schemas/messages/infoEditor.ts";
import { createPort, type Port } from "../../../schemas/messages/port.ts";
import { debounce } from "../base/debounce.ts";
import { DisposableStore } from "../base/disposable.ts";
import type { ClientContext } from "../context.ts";
import { commands } from "../contributions.ts";
import { layerLocationOf } from "../fileSystem/locationUri.ts";
import { editDocument } from "./editDocument.ts";
import { readEditParams, readFixParams, readPathParams } from "./infoRequests.ts";
import { EditRefusedError } from "./jsonEdits.ts";
import { createProblemFeed, type ProblemFeed } from "./problemFeed.ts";
import { revealJson } from "./revealJson.ts";

export interface InfoSessionOptions {
  readonly context: Pick<ClientContext, "diagnostics" | "log">;
  readonly document: vscode.TextDocument;
  readonly webview: vscode.Webview;
  readonly isReadOnly: boolean;
  /** Loads the page, or loads it again. */
  readonly load: () => void;
}

/** Pause after the last change of the text before the form gets it. */
const delayMs = 50;
/** A page whose script was lost on the way says nothing; after this time it is loaded again, so many times. */
const ready = { timeoutMs: 10_000, attempts: 2 } as const;

type HostPort = Port<InfoEditorHostVoice, InfoEditorWebviewVoice>;

/** Loads the page and serves it until disposed. */
export function openInfoSession(options: InfoSessionOptions): vscode.Disposable {
  const { document, webview } = options;
  const store = new DisposableStore();
  const port: HostPort = store.add(createPort({ post: (message) => void webview.postMessage(message) }));
  store.add(webview.onDidReceiveMessage((message: unknown) => port.receive(message)));
  const sendDocument = (): void => port.send("documentChanged", describeDocument(options));
  const sendSoon = store.add(debounce(sendDocument, delayMs));
  store.add(
    vscode.workspace.onDidChangeTextDocument((event) => {
      if (event.document === document && event.contentChanges.length > 0) {
        sendSoon();
      }
    }),
  );
  const feed = store.add(
    createProblemFeed({
      document,
      diagnostics: options.context.diagnostics,
      changed: (problems) => port.send("problemsChanged", { problems }),
    }),
  );
  const retry = store.add(loadUntilReady(options));
  port.onEvent("ready", () => {
    retry.dispose();
    sendDocument();
    port.send("problemsChanged", { problems: feed.current });
  });
  answerRequests(port, options, { feed, sendDocument });
  return store;
}

interface SessionParts {
  readonly feed: ProblemFeed;
  readonly sendDocument: () => void;
}

function answerRequests(port: HostPort, options: InfoSessionOptions, { feed, sendDocument }: SessionParts): void {
  const { document } = options;
  let editing: Promise<unknown> = Promise.resolve();
  port.onRequest("edit", (params) => {
    const turn = editing.then(async () => {
      requireWritable(options);
      try {
        return { version: await editDocument(document, readEditParams(params)) };
      } finally {
        sendDocument();
      }
    });
    editing = turn.catch(() => undefined);
    return turn;
  });
  port.onRequest("applyFix", async (params) => {
    requireWritable(options);
    await feed.applyFix(readFixParams(params));
    return {};
  });
  port.onRequest("revealJson", async (params) => {
    await revealJson(document, readPathParams(params));
    return {};
  });
  port.onRequest("previewSlices", async () => {
    const location = layerLocationOf(document.uri);
    if (location === undefined) {
      throw new EditRefusedError({ tag: "unsupported", message: "save the document in the folder of its layer first" });
    }
    await vscode.commands.executeCommand(commands.previewSlices, location);
    return {};
  });
}

function describeDocument({
  document,
  isReadOnly,
}: InfoSessionOptions): InfoEditorHostVoice["events"]["documentChanged"] {
  const { uri } = document;
  const location =
    layerLocationOf(uri) ?? (uri.scheme === "untitled" ? uri.path : uri.with({ query: "" }).toString(true));
  return { text: document.getText(), version: document.version, isReadOnly, location };
}

function requireWritable({ isReadOnly }: InfoSessionOptions): void {
  if (isReadOnly) {
    throw new EditRefusedError({ tag: "read_only", message: "the document is read-only" });
  }
}

/** Loads the page, again when it does not get ready; disposing it (the page is ready) ends that. */
function loadUntilReady({ load, context }: InfoSessionOptions): vscode.Disposable {
  let attempt = 1;
  load();
  const timer = setInterval(() => {
    if (attempt === ready.attempts) {
      clearInterval(timer);
      return;
    }
    attempt++;
    context.log.warn(`the info form did not start in ${ready.timeoutMs} ms; loading it again`);
    load();
  }, ready.timeoutMs);
  return { dispose: () => clearInterval(timer) };
}
