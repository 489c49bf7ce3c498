/** A polite live region for screen readers that is never flooded: the latest text wins, at most one per interval. */
import { createElement } from "./dom.ts";

export interface Announcer {
  /** Put it anywhere in the page; it is invisible. */
  readonly element: HTMLElement;
  announce(text: string): void;
  /** Drops what waits; idempotent. */
  dispose(): void;
}

/** An announcer that speaks at most once per `intervalMs`. */
export function createAnnouncer(intervalMs = 250): Announcer {
  const element = createElement("div", {
    className: "visually-hidden",
    attributes: { role: "status", "aria-live": "polite", "aria-atomic": "true" },
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  let waiting: string | undefined;
  function speak(): void {
    timer = undefined;
    if (waiting !== undefined) {
      element.textContent = waiting;
      waiting = undefined;
      timer = setTimeout(speak, intervalMs);
    }
  }
  return {
    element,
    announce(text) {
      if (text === element.textContent) {
        waiting = undefined;
        return;
      }
      waiting = text;
      timer ??= setTimeout(speak, 0);
    },
    dispose() {
      clearTimeout(timer);
      timer = undefined;
      waiting = undefined;
    },
  };
}
