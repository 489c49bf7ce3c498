/** Reads objects of a web service by URL: the one way that all drivers of such services get bytes, ranges and facts. */
import type { Cancellable } from "../../base/abort.ts";
import type { Location } from "../location.ts";
import type { Clock } from "../retry.ts";
import type { GetOptions, ObjectStat, StoredObject, StoreOptions } from "../store.ts";
import type { Connections } from "./connections.ts";

/** A request that wants to be authorised. */
export interface UnsignedRequest {
  readonly method: "GET" | "HEAD";
  readonly url: URL;
  /** In lower case; signed as they are. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface ObjectReaderOptions {
  /** Of the store; for messages. */
  readonly location: Location;
  readonly limits: StoreOptions;
  readonly connections: Connections;
  readonly clock: Clock;
  urlOf(key: string): URL;
  /**
   * Headers that are added to one request: called for each attempt, and again for redirects within the origin of `urlOf`; never for another
   * origin. Absent = anonymous.
   */
  authorize?(
    request: UnsignedRequest,
    options: Cancellable,
  ): Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
  /** The service refused the credential (401, or what `isExpired` says of the body): makes a fresh one. True = the request is worth another attempt, once. */
  renew?(options: Cancellable): Promise<boolean>;
}

export interface ObjectReader {
  get(key: string, options?: GetOptions): Promise<StoredObject | undefined>;
  stat(key: string, options?: Cancellable): Promise<ObjectStat | undefined>;
  /** Ends connections and what is under way. Idempotent. */
  dispose(): Promise<void>;
}
