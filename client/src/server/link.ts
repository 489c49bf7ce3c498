/** What the rest of the client sees of the server: typed requests, tiles, and whether it runs. */
import type * as vscode from "vscode";
import type { ObjectsProgress } from "../../../schemas/protocol/objects.ts";
import type { NotificationDefinition, RequestDefinition } from "../../../schemas/protocol/rpc.ts";
import type { ReadTileParams, TileDescription } from "../../../schemas/protocol/volume.ts";

/** `waiting` = it stopped and starts again after a pause; `failed` = it will not start again by itself. */
export type ServerState = "stopped" | "starting" | "running" | "waiting" | "failed";

export interface RequestOptions {
  readonly signal?: AbortSignal;
}

/** A cut tile: its description and exactly `tile.byteLength` bytes, which the caller owns. */
export interface Tile {
  readonly tile: TileDescription;
  readonly data: Uint8Array;
}

/** The server as the client knows it. Started by the first request; every failure is a `ServerError`. */
export interface ServerLink {
  readonly state: ServerState;
  readonly onDidChangeState: vscode.Event<ServerState>;
  /** Counts the starts of the server: what was opened in one generation is gone in the next. */
  readonly generation: number;
  /** The server runs after it was lost, or after a start that failed; `generation` has grown. */
  readonly onDidRestart: vscode.Event<void>;
  /** Resolves once the server runs; rejects when it cannot be started. */
  start(): Promise<void>;
  /** Ends the server if it runs and starts it afresh, whatever happened before. */
  restart(): Promise<void>;
  request<P, R>(definition: RequestDefinition<P, R>, params: P, options?: RequestOptions): Promise<R>;
  /** Sent only when the server runs; otherwise there is nobody to tell. */
  notify<P>(definition: NotificationDefinition<P>, params: P): void;
  /** How far long requests are; those that name a job. */
  readonly onDidProgress: vscode.Event<ObjectsProgress>;
  /** One tile, its bytes over the bulk channel. An abort stops the chunk reads behind it. */
  readTile(params: Omit<ReadTileParams, "stream">, options?: RequestOptions): Promise<Tile>;
}
