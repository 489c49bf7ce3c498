/** An editor for tests: a client of the protocol, connected to the document features over a pair of streams in memory. */
import { PassThrough } from "node:stream";
import { expect } from "vitest";
import { type PublishDiagnosticsParams, type Range, TextDocumentSyncKind, TextDocuments } from "vscode-languageserver";
import {
  createConnection,
  createProtocolConnection,
  ProposedFeatures,
  type ProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-languageserver/node";
import { TextDocument } from "vscode-languageserver-textdocument";
import { type DocumentFeatures, registerDocumentFeatures } from "../../../../server/src/lsp/documents.ts";

/** The document that an editor opens. */
export const uri = "file:///layer/info";
export const rulesPage = "https://example.org/rules.md";

export interface Editor {
  readonly client: ProtocolConnection;
  readonly logged: string[];
  open(text: string, at?: string): void;
  /** Replaces the text as one incremental change of a range, or as a whole. */
  change(version: number, text: string, range?: Range): void;
  close(): void;
  /** The next diagnostics that the server pushes. */
  nextDiagnostics(): Promise<PublishDiagnosticsParams>;
  /** Everything that was pushed and not yet taken. */
  readonly pushed: PublishDiagnosticsParams[];
  readonly features: DocumentFeatures;
  dispose(): void;
}

/** Connects, and waits for the handshake. */
export async function openEditor(): Promise<Editor> {
  const toServer = new PassThrough();
  const toClient = new PassThrough();
  const server = createConnection(
    ProposedFeatures.all,
    new StreamMessageReader(toServer),
    new StreamMessageWriter(toClient),
  );
  const documents = new TextDocuments(TextDocument);
  const features = registerDocumentFeatures(server, documents, { debounceMs: 20, rulesPage });
  server.onInitialize((params) => ({
    capabilities: {
      textDocumentSync: TextDocumentSyncKind.Incremental,
      ...features.capabilities(params.initializationOptions),
    },
  }));
  documents.listen(server);
  server.listen();

  const client = createProtocolConnection(new StreamMessageReader(toClient), new StreamMessageWriter(toServer));
  const notifications = listenTo(client);
  client.listen();
  await client.sendRequest("initialize", {
    processId: null,
    rootUri: null,
    capabilities: {},
    initializationOptions: {},
  });
  await client.sendNotification("initialized", {});
  return {
    ...notifications,
    ...senderOf(client),
    client,
    features,
    dispose() {
      features.dispose();
      client.dispose();
      server.dispose();
      toServer.destroy();
      toClient.destroy();
    },
  };
}

function listenTo(client: ProtocolConnection): Pick<Editor, "pushed" | "logged" | "nextDiagnostics"> {
  const pushed: PublishDiagnosticsParams[] = [];
  const waiting: ((params: PublishDiagnosticsParams) => void)[] = [];
  const logged: string[] = [];
  client.onNotification("textDocument/publishDiagnostics", (params: PublishDiagnosticsParams) => {
    const taker = waiting.shift();
    taker === undefined ? pushed.push(params) : taker(params);
  });
  client.onNotification("window/logMessage", ({ message }: { message: string }) => void logged.push(message));
  return {
    pushed,
    logged,
    nextDiagnostics() {
      const first = pushed.shift();
      return first ? Promise.resolve(first) : new Promise((resolve) => waiting.push(resolve));
    },
  };
}

function senderOf(client: ProtocolConnection): Pick<Editor, "open" | "change" | "close"> {
  return {
    open(text, at = uri) {
      void client.sendNotification("textDocument/didOpen", {
        textDocument: { uri: at, languageId: "json", version: 1, text },
      });
    },
    change(version, text, range) {
      const contentChanges = [range === undefined ? { text } : { text, range }];
      void client.sendNotification("textDocument/didChange", { textDocument: { uri, version }, contentChanges });
    },
    close() {
      void client.sendNotification("textDocument/didClose", { textDocument: { uri } });
    },
  };
}

/** The position of `part` in the text, and so many characters on. */
export function positionOf(text: string, part: string, plus = 0) {
  expect(text).toContain(part);
  return TextDocument.create(uri, "json", 0, text).positionAt(text.indexOf(part) + plus);
}

/** Parameters of a request at a part of the text. */
export const at = (text: string, part: string, plus = 0) => ({
  textDocument: { uri },
  position: positionOf(text, part, plus),
});
