/** Typed requests and notifications between client and server: the types exist for the compiler only. */

declare const types: unique symbol;

/** A request of the client's; `method` is `cloudvolume/TOPIC/VERB`. */
export interface RequestDefinition<Params, Result> {
  readonly method: `cloudvolume/${string}/${string}`;
  readonly [types]?: (params: Params) => Result;
}
/** A notification, in either direction. */
export interface NotificationDefinition<Params> {
  readonly method: `cloudvolume/${string}/${string}`;
  readonly [types]?: (params: Params) => void;
}

export type ParamsOf<D> =
  D extends RequestDefinition<infer P, unknown> ? P : D extends NotificationDefinition<infer P> ? P : never;
export type ResultOf<D> =
  D extends RequestDefinition<never, infer R> ? R : D extends RequestDefinition<infer _P, infer R> ? R : never;

export function defineRequest<Params, Result>(
  method: RequestDefinition<Params, Result>["method"],
): RequestDefinition<Params, Result> {
  return { method };
}
export function defineNotification<Params>(
  method: NotificationDefinition<Params>["method"],
): NotificationDefinition<Params> {
  return { method };
}
