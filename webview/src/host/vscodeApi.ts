/** The one place that touches `acquireVsCodeApi`: a port to the extension host, and state that survives a reload of the page. */
import { createPort, type Port, type Voice } from "../../../schemas/messages/port.ts";

/** What VS Code gives a webview, once per load. */
interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): unknown;
}

declare function acquireVsCodeApi(): VsCodeApi;

/** A view's line to the extension host. `readState` is what an earlier load of this page saved: untrusted, so validate it. */
export interface HostLink<Mine extends Voice, Theirs extends Voice> {
  readonly port: Port<Mine, Theirs>;
  readState(): unknown;
  saveState(state: unknown): void;
  /** Stops listening and rejects what is pending; idempotent. */
  dispose(): void;
}

/**
 * Connects to the extension host; call it once per page. Register handlers on `port` before sending `ready`. The link lives as long as
 * the page: it is not closed on `pagehide`, because a page that is restored from the cache goes on.
 */
export function connectHost<Mine extends Voice, Theirs extends Voice>(options?: {
  readonly timeoutMs?: number;
}): HostLink<Mine, Theirs> {
  const api = acquireVsCodeApi();
  const port = createPort<Mine, Theirs>({ post: (message) => api.postMessage(message), ...options });
  const listen = (event: MessageEvent<unknown>): void => port.receive(event.data);
  window.addEventListener("message", listen);
  return {
    port,
    readState: () => api.getState(),
    saveState: (state) => {
      api.setState(state);
    },
    dispose() {
      window.removeEventListener("message", listen);
      port.dispose();
    },
  };
}
