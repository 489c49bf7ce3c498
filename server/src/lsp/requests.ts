/** Typed requests over a connection: parameters checked, cancellation as an AbortSignal, errors in their wire form. */
import { type CancellationToken, type Connection, ResponseError } from "vscode-languageserver";
import { errorCodes, type WireError } from "../../../schemas/errors.ts";
import type { NotificationDefinition, RequestDefinition } from "../../../schemas/protocol/rpc.ts";
import { describeError, InvalidArgumentError, toWireError } from "../errors.ts";

/** Is a value what a parameter must be? */
export type Check = (value: unknown) => boolean;
/** What each parameter must be. */
export type Checks<P> = { readonly [K in keyof Required<P>]: Check };

export function onRequest<P, R>(
  connection: Connection,
  definition: RequestDefinition<P, R>,
  checks: Checks<P>,
  handle: (params: P, signal: AbortSignal) => Promise<R> | R,
): void {
  connection.onRequest<unknown, WireError>(definition.method, async (params: unknown, token: CancellationToken) => {
    const controller = new AbortController();
    const subscription = token.onCancellationRequested(() => controller.abort());
    try {
      return await handle(readParams(checks, params), controller.signal);
    } catch (error) {
      const wire = toWireError(error);
      return new ResponseError(errorCodes[wire.tag].lspCode, describeError(error), wire);
    } finally {
      subscription.dispose();
    }
  });
}

export function onNotification<P>(
  connection: Connection,
  definition: NotificationDefinition<P>,
  checks: Checks<P>,
  handle: (params: P) => void,
): void {
  connection.onNotification(definition.method, (params: unknown) => {
    try {
      handle(readParams(checks, params));
    } catch (error) {
      connection.console.error(describeError(error));
    }
  });
}

export const isText: Check = (value) => typeof value === "string";
export const isWhole: Check = (value) => Number.isSafeInteger(value);
export const isTriple: Check = (value) => Array.isArray(value) && value.length === 3 && value.every(isWhole);
export const isOneOf =
  (...allowed: readonly unknown[]): Check =>
  (value) =>
    allowed.includes(value);
export const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);

export const isListOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
/** An object whose named members are what they must be. */
export const isRecordOf =
  (checks: Readonly<Record<string, Check>>): Check =>
  (value) =>
    typeof value === "object" &&
    value !== null &&
    Object.entries(checks).every(([name, check]) => check((value as Record<string, unknown>)[name]));

/** The parameters that were checked, without others. Throws InvalidArgumentError. */
function readParams<P>(checks: Checks<P>, params: unknown): P {
  const given = (params ?? {}) as Record<string, unknown>;
  const members = Object.entries<Check>(checks).map(([name, check]) => {
    if (!check(given[name])) {
      throw new InvalidArgumentError(`bad parameter "${name}": ${JSON.stringify(given[name]) ?? "nothing"}`);
    }
    return [name, given[name]] as const;
  });
  // Every member was checked above; what is absent stays absent.
  return Object.fromEntries(members.filter(([, value]) => value !== undefined)) as P;
}
