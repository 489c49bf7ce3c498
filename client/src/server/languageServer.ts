/** One run of the server process and the connection to it. A new run is a new object; see `serverLink.ts` for the life of them all. */
import * as vscode from "vscode";
import type { LanguageClientOptions, ServerOptions } from "vscode-languageclient/node";
import { type ObjectsProgress, objectsProgress } from "../../../schemas/protocol/objects.ts";
import type { NotificationDefinition, RequestDefinition } from "../../../schemas/protocol/rpc.ts";
import type { InitializationOptions } from "../../../schemas/protocol/server.ts";
import { documentSelector } from "./documentSelector.ts";
import type { RequestOptions } from "./link.ts";
import { cancelledError, toServerError } from "./serverError.ts";
import { createTraceChannel } from "./traceChannel.ts";

export interface LanguageServerOptions {
  readonly extensionUri: vscode.Uri;
  readonly log: vscode.LogOutputChannel;
  readonly initializationOptions: InitializationOptions;
  /** The process is gone and nobody here ended it. Called at most once, and only after a start that succeeded. */
  readonly onLost: () => void;
  readonly onProgress: (progress: ObjectsProgress) => void;
}

/** A server that answers. */
export interface LanguageServer {
  request<P, R>(definition: RequestDefinition<P, R>, params: P, options?: RequestOptions): Promise<R>;
  notify<P>(definition: NotificationDefinition<P>, params: P): void;
  /** Ends the process; idempotent. */
  stop(): Promise<void>;
}

/** Time in which the process must leave by itself. */
const stopTimeoutMs = 2_000;

/** Starts the process over node IPC with the extension host's own Node, and resolves once it has answered `initialize`. */
export async function startLanguageServer(options: LanguageServerOptions): Promise<LanguageServer> {
  // Loaded here: it is most of the client's code, and a window that shows no volume never needs it.
  const { CloseAction, ErrorAction, LanguageClient, State, TransportKind } = await import("vscode-languageclient/node");
  let isStopping = false;
  const clientOptions: LanguageClientOptions = {
    documentSelector: [...documentSelector],
    outputChannel: options.log,
    traceOutputChannel: createTraceChannel(options.log),
    initializationOptions: options.initializationOptions,
    diagnosticCollectionName: "cloudvolume",
    initializationFailedHandler: () => false,
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => ({ action: CloseAction.DoNotRestart, handled: true }),
    },
  };
  // Failures are shown by the tree, the panels and the status bar; a toast besides would say them twice.
  class QuietClient extends LanguageClient {
    override error(message: string, data?: unknown): void {
      super.error(message, data, false);
    }
  }
  const client = new QuietClient(
    "cloudvolume",
    "CloudVolume",
    serverOptions(options.extensionUri, TransportKind.ipc),
    clientOptions,
  );
  await client.start();
  client.onDidChangeState(({ newState }) => {
    if (newState === State.Stopped && !isStopping) {
      isStopping = true;
      options.onLost();
    }
  });
  client.onNotification(objectsProgress.method, options.onProgress);
  return {
    request: (definition, params, { signal } = {}) =>
      withCancellation(signal, (token) => client.sendRequest(definition.method, params, token)),
    notify(definition, params) {
      client.sendNotification(definition.method, params).catch((error: unknown) => options.log.debug(String(error)));
    },
    async stop() {
      isStopping = true;
      await client.dispose(stopTimeoutMs).catch((error: unknown) => options.log.debug(String(error)));
    },
  };
}

function serverOptions(extensionUri: vscode.Uri, transport: 1): ServerOptions {
  const module = vscode.Uri.joinPath(extensionUri, "out", "server", "main.js").fsPath;
  return {
    run: { module, transport },
    debug: { module, transport, options: { execArgv: ["--enable-source-maps"] } },
  };
}

/** Runs `send` with a token that follows `signal`; every failure becomes a ServerError. */
async function withCancellation<R>(
  signal: AbortSignal | undefined,
  send: (token: vscode.CancellationToken) => Promise<R>,
): Promise<R> {
  if (signal?.aborted) {
    throw cancelledError();
  }
  const source = new vscode.CancellationTokenSource();
  const cancel = (): void => source.cancel();
  signal?.addEventListener("abort", cancel, { once: true });
  try {
    return await send(source.token);
  } catch (error) {
    throw signal?.aborted ? cancelledError() : toServerError(error);
  } finally {
    signal?.removeEventListener("abort", cancel);
    source.dispose();
  }
}
