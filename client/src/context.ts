/** What lives as long as the extension: log, settings, the link to the server. Everything else is given what it needs of it. */
import * as vscode from "vscode";
import { useCredentials } from "../../schemas/protocol/storage.ts";
import { DisposableStore } from "./base/disposable.ts";
import { createHeldCredentials, type HeldCredentials } from "./credentials/heldCredentials.ts";
import { type AllowedChanges, createAllowedChanges } from "./fileSystem/allowedChanges.ts";
import type { ServerLink } from "./server/link.ts";
import { createServerLink } from "./server/serverLink.ts";
import { createSettings, type Settings } from "./settings.ts";

/** Given to whatever registers something. Its owner is `activate`; the parts dispose nothing of it. */
export interface ClientContext {
  readonly extensionUri: vscode.Uri;
  /** Folder for the sample; may not exist yet. */
  readonly storageUri: vscode.Uri;
  readonly workspaceState: vscode.Memento;
  readonly log: vscode.LogOutputChannel;
  readonly settings: Settings;
  readonly server: ServerLink;
  /** What a person signed in with; the server is told when it changes. */
  readonly credentials: HeldCredentials;
  readonly onDidChangeCredentials: vscode.Event<void>;
  /** Where what is stored may be changed. */
  readonly changes: AllowedChanges;
  readonly diagnostics: Diagnostics;
  /** Disposed when the extension ends, last added first. */
  readonly disposables: DisposableStore;
}

/** The problems that the server reported, as VS Code shows them. */
export interface Diagnostics {
  get(uri: vscode.Uri): readonly vscode.Diagnostic[];
  /** Says which documents' problems changed. */
  readonly onDidChange: vscode.Event<readonly vscode.Uri[]>;
}

/** Builds the context. Starts nothing: the server comes with the first request or the first document that it understands. */
export function createClientContext(extension: vscode.ExtensionContext): ClientContext {
  const disposables = new DisposableStore();
  const log = disposables.add(vscode.window.createOutputChannel("CloudVolume", { log: true }));
  const settings = createSettings();
  const credentialsChanged = disposables.add(new vscode.EventEmitter<void>());
  const credentials = createHeldCredentials(extension.secrets, (held) => {
    server.notify(useCredentials, { held });
    credentialsChanged.fire();
  });
  const server = disposables.add(
    createServerLink({ extensionUri: extension.extensionUri, log, settings, credentials: credentials.read }),
  );
  return {
    extensionUri: extension.extensionUri,
    storageUri: extension.globalStorageUri,
    workspaceState: extension.workspaceState,
    log,
    settings,
    server,
    credentials,
    onDidChangeCredentials: credentialsChanged.event,
    changes: disposables.add(createAllowedChanges(extension.workspaceState)),
    diagnostics: {
      get: (uri) => vscode.languages.getDiagnostics(uri).filter(({ source }) => source === diagnosticSource),
      onDidChange: (listener, thisArgs, store) =>
        vscode.languages.onDidChangeDiagnostics(({ uris }) => listener.call(thisArgs, uris), undefined, store),
    },
    disposables,
  };
}

/** `Diagnostic.source` of what the server reports. */
const diagnosticSource = "cloudvolume";
