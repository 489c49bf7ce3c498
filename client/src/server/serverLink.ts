/** The life of the server: started by the first request, started again when it is lost, given up when that does not help. */
import * as vscode from "vscode";
import { openBulk } from "../../../schemas/protocol/bulk.ts";
import type { ObjectsProgress } from "../../../schemas/protocol/objects.ts";
import type { NotificationDefinition, RequestDefinition } from "../../../schemas/protocol/rpc.ts";
import { type HeldCredentialMessage, useCredentials } from "../../../schemas/protocol/storage.ts";
import { type ReadTileParams, readTile } from "../../../schemas/protocol/volume.ts";
import { DisposableStore } from "../base/disposable.ts";
import type { Settings } from "../settings.ts";
import { type BulkChannel, openBulkChannel } from "./bulkChannel.ts";
import { type LanguageServer, startLanguageServer } from "./languageServer.ts";
import type { RequestOptions, ServerLink, ServerState, Tile } from "./link.ts";
import { createRestartPolicy } from "./restartPolicy.ts";
import { cancelledError, type ServerError, serverGoneError, toServerError } from "./serverError.ts";

/** Time in which the credentials go before everything else. */
const credentialsWaitMs = 3_000;

export interface ServerLinkOptions {
  readonly extensionUri: vscode.Uri;
  readonly log: vscode.LogOutputChannel;
  readonly settings: Settings;
  /** Credentials for a server that has just started. */
  readonly credentials: () => Promise<readonly HeldCredentialMessage[]>;
}

/** A link that owns the process behind it. */
export function createServerLink(options: ServerLinkOptions): ServerLink & vscode.Disposable {
  return new SupervisedServer(options);
}

/** One run of the server with its bulk connection, which is opened by the first tile. */
interface Run {
  readonly server: LanguageServer;
  bulk?: Promise<BulkChannel>;
}

class SupervisedServer implements ServerLink, vscode.Disposable {
  readonly #options: ServerLinkOptions;
  readonly #disposables = new DisposableStore();
  readonly #stateChanged = this.#disposables.add(new vscode.EventEmitter<ServerState>());
  readonly #restarted = this.#disposables.add(new vscode.EventEmitter<void>());
  readonly #progressed = this.#disposables.add(new vscode.EventEmitter<ObjectsProgress>());
  readonly #policy = createRestartPolicy();
  readonly onDidChangeState = this.#stateChanged.event;
  readonly onDidRestart = this.#restarted.event;
  readonly onDidProgress = this.#progressed.event;
  #state: ServerState = "stopped";
  #generation = 0;
  #nextStream = 1;
  /** What requests wait for. */
  #run: Promise<Run> | undefined;
  /** The run that has a process, if there is one. */
  #live: Run | undefined;
  /** Ends the pause before a restart early. */
  #wake: () => void = () => undefined;
  /** Why it was given up, in the state "failed". */
  #failure: ServerError | undefined;
  #isDisposed = false;

  constructor(options: ServerLinkOptions) {
    this.#options = options;
  }

  get state(): ServerState {
    return this.#state;
  }
  get generation(): number {
    return this.#generation;
  }

  async start(): Promise<void> {
    await this.#running();
  }

  async restart(): Promise<void> {
    this.#policy.reset();
    this.#run = this.#begin();
    this.#wake();
    await this.#run;
  }

  async request<P, R>(definition: RequestDefinition<P, R>, params: P, options: RequestOptions = {}): Promise<R> {
    const { server } = await withAbort(this.#running(), options.signal);
    return server.request(definition, params, options);
  }

  notify<P>(definition: NotificationDefinition<P>, params: P): void {
    this.#live?.server.notify(definition, params);
  }

  async readTile(params: Omit<ReadTileParams, "stream">, options: RequestOptions = {}): Promise<Tile> {
    const { signal } = options;
    const run = await withAbort(this.#running(), signal);
    const bulk = await withAbort(bulkOf(run), signal);
    const id = this.#nextStream++;
    const stream = bulk.open(id);
    const cancel = (): void => stream.cancel();
    signal?.addEventListener("abort", cancel, { once: true });
    try {
      const tile = await run.server.request(readTile, { ...params, stream: id }, options);
      return { tile, data: await stream.read(tile.byteLength) };
    } finally {
      signal?.removeEventListener("abort", cancel);
      stream.cancel();
    }
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#generation++;
    this.#wake();
    this.#end();
    this.#disposables.dispose();
  }

  /** The run that is, or that will be: started when there is none, waited for when it is about to start. */
  #running(): Promise<Run> {
    if (this.#isDisposed) {
      return Promise.reject(serverGoneError("the extension is being shut down"));
    }
    if (this.#state === "failed") {
      return Promise.reject(this.#failure);
    }
    this.#run ??= this.#begin();
    return this.#run;
  }

  /** Ends the run that is and starts one. A failed start goes the same way as a lost server. */
  async #begin(): Promise<Run> {
    const generation = ++this.#generation;
    this.#setState("starting");
    await this.#end();
    try {
      const server = await startLanguageServer({
        extensionUri: this.#options.extensionUri,
        log: this.#options.log,
        initializationOptions: this.#options.settings.server(),
        onLost: () => this.#lost(generation),
        onProgress: (progress) => this.#progressed.fire(progress),
      });
      await this.#introduce(server);
      return this.#started(generation, server);
    } catch (error) {
      this.#options.log.error(`the server did not start: ${String(error)}`);
      return this.#retry(generation, error);
    }
  }

  /** Sends the credentials before any request: messages arrive in order. A keyring that waits for its owner holds nothing up for long. */
  async #introduce(server: LanguageServer): Promise<void> {
    const sent = this.#options.credentials().then((held) => server.notify(useCredentials, { held }));
    let timer: NodeJS.Timeout | undefined;
    const pause = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, credentialsWaitMs);
    });
    await Promise.race([sent, pause]);
    clearTimeout(timer);
  }

  #started(generation: number, server: LanguageServer): Run | Promise<Run> {
    if (generation !== this.#generation) {
      void server.stop();
      return this.#running();
    }
    const run: Run = { server };
    this.#live = run;
    this.#setState("running");
    this.#options.log.info("the server runs");
    if (generation > 1) {
      this.#restarted.fire();
    }
    return run;
  }

  /** The process ended by itself: what waits is told by the connection, and the next run is prepared. */
  #lost(generation: number): void {
    if (generation === this.#generation) {
      this.#options.log.warn("the server stopped");
      this.#run = this.#retry(generation, undefined);
      this.#run.catch(() => undefined);
      void this.#end();
    }
  }

  /** Waits for the pause that the policy gives, then begins again; rejects when the policy gives up. */
  async #retry(generation: number, cause: unknown): Promise<Run> {
    if (generation !== this.#generation) {
      return this.#running();
    }
    const delayMs = this.#policy.next(performance.now(), cause === undefined ? "stopped" : "notStarted");
    if (delayMs === undefined) {
      this.#run = undefined;
      this.#setState("failed");
      this.#failure = serverGoneError(givenUpMessage(cause), cause);
      throw this.#failure;
    }
    this.#setState("waiting");
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, delayMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    return generation === this.#generation ? this.#begin() : this.#running();
  }

  /** Ends the process that is, if there is one. */
  async #end(): Promise<void> {
    const run = this.#live;
    this.#live = undefined;
    run?.bulk?.then((bulk) => bulk.dispose()).catch(() => undefined);
    await run?.server.stop();
  }

  #setState(state: ServerState): void {
    if (state !== this.#state) {
      this.#state = state;
      this.#stateChanged.fire(state);
    }
  }
}

/** The run's bulk connection, opened when there is none or it broke. */
async function bulkOf(run: Run): Promise<BulkChannel> {
  const opening = run.bulk ?? run.server.request(openBulk, {}).then(openBulkChannel);
  run.bulk = opening;
  try {
    const bulk = await opening;
    if (!bulk.isClosed) {
      return bulk;
    }
  } catch (error) {
    forgetBulk(run, opening);
    throw toServerError(error);
  }
  forgetBulk(run, opening);
  return bulkOf(run);
}

/** A failure is not kept: the next tile connects again. */
function forgetBulk(run: Run, opening: Promise<BulkChannel>): void {
  if (run.bulk === opening) {
    delete run.bulk;
  }
}

/** Says why there is no server, and what a person can do. */
function givenUpMessage(cause: unknown): string {
  const reason = cause === undefined ? "it stopped too often" : `it did not start: ${toServerError(cause).message}`;
  return `the CloudVolume server does not run (${reason}); run "CloudVolume: Restart Server", or see "CloudVolume: Show Log"`;
}

/** `promise`, or a cancellation as soon as `signal` aborts. */
async function withAbort<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) {
    return promise;
  }
  if (signal.aborted) {
    throw cancelledError();
  }
  let abort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(cancelledError());
    signal.addEventListener("abort", abort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
