/** Requests with a method and a body of their own, over connections that are made for reading. */
import type { Dispatcher } from "undici";

/** The same dispatcher; its requests have this method and body. */
export function withBody(
  pool: Pick<Dispatcher, "dispatch">,
  method: string,
  body: Uint8Array | undefined,
): Pick<Dispatcher, "dispatch"> {
  return {
    dispatch: (request, handler) =>
      pool.dispatch(
        // SAFE: callers name methods of HTTP
        { ...request, method: method as Dispatcher.HttpMethod, ...(body !== undefined && { body }) },
        handler,
      ),
  };
}
