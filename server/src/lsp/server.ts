/** The language server: one engine, its handlers, and the documents, on one connection. */
import { createRequire } from "node:module";
import { type Connection, TextDocumentSyncKind, TextDocuments } from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import { openBulk } from "../../../schemas/protocol/bulk.ts";
import { type InitializationOptions, readStatus, type ServerStatus } from "../../../schemas/protocol/server.ts";
import { closeVolume, openVolume, probeVoxel, readTile } from "../../../schemas/protocol/volume.ts";
import { createEngine, type Engine } from "../engine/createEngine.ts";
import { describeError } from "../errors.ts";
import { type BulkServer, createBulkServer } from "./bulkServer.ts";
import { registerDocumentFeatures } from "./documents.ts";
import { isOneOf, isText, isTriple, isWhole, onNotification, onRequest, optional } from "./requests.ts";
import { registerObjectRequests, registerStorageRequests } from "./storageRequests.ts";
import { createVolumeHandlers, type VolumeHandlers } from "./volumes.ts";

/** What a client may set when it starts the server; read once, at `initialize`. */
interface Parts {
  readonly engine: Engine;
  readonly bulk: BulkServer;
  readonly volumes: VolumeHandlers;
}

/** Serves one client until it says exit. */
export function startServer(connection: Connection): void {
  const documents = new TextDocuments(TextDocument);
  let parts: Parts | undefined;
  const documentFeatures = registerDocumentFeatures(connection, documents);

  connection.onInitialize((params) => {
    const options = (params.initializationOptions ?? {}) as InitializationOptions;
    const { cacheBytes } = options;
    const engine = createEngine(
      isWhole(cacheBytes) && cacheBytes !== undefined && cacheBytes >= 0 ? { cacheBytes } : {},
    );
    const bulk = createBulkServer();
    parts = { engine, bulk, volumes: createVolumeHandlers(engine, bulk) };
    registerHandlers(connection, parts);
    return {
      capabilities: { textDocumentSync: TextDocumentSyncKind.Incremental, ...documentFeatures.capabilities(options) },
      serverInfo: { name: "cloudvolume", version: packageVersion() },
    };
  });
  const stop = async (): Promise<void> => {
    const stopping = parts;
    parts = undefined;
    stopping?.volumes.dispose();
    stopping?.bulk.dispose();
    await stopping?.engine.dispose();
  };
  connection.onShutdown(stop);
  process.on("exit", () => parts?.bulk.dispose());
  // A defect in one request must not take the others with it.
  process.on("unhandledRejection", (error) => connection.console.error(`unhandled: ${describeError(error)}`));

  documents.listen(connection);
  connection.listen();
}

function registerHandlers(connection: Connection, { engine, bulk, volumes }: Parts): void {
  onRequest(connection, openVolume, { location: isText }, (params, signal) => volumes.open(params, { signal }));
  onNotification(connection, closeVolume, { handle: isWhole }, (params) => volumes.close(params));
  const tileParams = {
    handle: isWhole,
    mip: isWhole,
    plane: isOneOf("xy", "xz", "yz"),
    slice: isWhole,
    u: isWhole,
    v: isWhole,
    channel: optional(isWhole),
    stream: isWhole,
  };
  onRequest(connection, readTile, tileParams, (params, signal) => volumes.readTile(params, { signal }));
  const probeParams = { handle: isWhole, mip: isWhole, position: isTriple };
  onRequest(connection, probeVoxel, probeParams, (params, signal) => volumes.probeVoxel(params, { signal }));

  registerStorageRequests(connection, engine);
  registerObjectRequests(connection, engine);

  onRequest(connection, openBulk, {}, () => bulk.open());
  onRequest(
    connection,
    readStatus,
    {},
    (): ServerStatus => ({
      version: packageVersion(),
      pid: process.pid,
      openVolumes: volumes.openCount,
      cachedBytes: engine.chunks.sizeBytes,
      activeReads: engine.executor.counters.active,
      chunkReads: engine.executor.counters.started,
    }),
  );
}

/** Version of the package that this code belongs to; two folders up from the bundle, three from the source. */
function packageVersion(): string {
  const require = createRequire(import.meta.url);
  for (const manifest of ["../../package.json", "../../../package.json"]) {
    try {
      return (require(manifest) as { version: string }).version;
    } catch {
      // Not this one: source and bundle lie at different depths.
    }
  }
  return "0.0.0";
}
