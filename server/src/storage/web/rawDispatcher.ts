/**
 * A small HTTP/1.1 client for what nearly every read of a chunk is: a GET whose reply says how long it is. The rest goes to undici.
 *
 * undici takes 0.2 to 0.5 ms of processor time for a chunk in a worker thread, much of it for collecting the 64 KiB buffers that its sockets
 * make for everything they read. Here one fixed buffer of each connection takes what arrives, and whoever asked copies it to where it belongs.
 * A reply must have a final status (200 to 599), and a length or chunks: at the first other one its connection is ended, and the request, like all later
 * ones to this origin, is undici's.
 */
import type { LookupFunction } from "node:net";
import type { Dispatcher } from "undici";
import { createRawLink, type RawJob, type RawLink, requestText } from "./rawLink.ts";

export interface RawDispatcherOptions {
  /** `http://host[:port]` or `https://…`. */
  readonly origin: string;
  /** Connections at most; requests beyond wait. */
  readonly connections: number;
  readonly connectTimeoutMs: number;
  /** A connection without a request is closed after this time. */
  readonly idleMs: number;
  readonly lookup: LookupFunction;
  /** Does what is not done here. */
  readonly fallback: Pick<Dispatcher, "dispatch">;
}

export interface RawDispatcher extends Pick<Dispatcher, "dispatch"> {
  /** Ends all connections; what is under way or waits fails. */
  destroy(): void;
}

export function createRawDispatcher(options: RawDispatcherOptions): RawDispatcher {
  const { connections, fallback } = options;
  const waiting: RawJob[] = [];
  const idle: RawLink[] = [];
  const links = new Set<RawLink>();
  let isUnfit = false;
  let isDestroyed = false;

  function submit(job: RawJob): void {
    if (isUnfit || isDestroyed) {
      fallback.dispatch(job.options, job.handler);
      return;
    }
    const link = idle.pop();
    if (link !== undefined) {
      link.run(job);
    } else if (links.size < connections) {
      const fresh = createRawLink(options, events);
      links.add(fresh);
      fresh.run(job);
    } else {
      waiting.push(job);
    }
  }

  const events = {
    freed(link: RawLink): void {
      const next = waiting.shift();
      if (next === undefined) {
        idle.push(link);
        link.rest();
      } else {
        link.run(next);
      }
    },
    closed(link: RawLink): void {
      links.delete(link);
      if (idle.includes(link)) {
        idle.splice(idle.indexOf(link), 1);
      }
      const next = waiting.shift();
      if (next !== undefined) {
        submit(next);
      }
    },
    unanswered: (job: RawJob): void => submit({ ...job, isSecondTry: true }),
    unfit(job: RawJob): void {
      isUnfit = true;
      for (const one of [job, ...waiting.splice(0)]) {
        submit(one);
      }
    },
  };

  return {
    dispatch(request, handler) {
      if (request.method !== "GET") {
        return fallback.dispatch(request, handler);
      }
      submit({ text: requestText(options.origin, request), options: request, handler, isSecondTry: false });
      return true;
    },
    destroy() {
      isDestroyed = true;
      for (const link of links) {
        link.destroy();
      }
      for (const job of waiting.splice(0)) {
        submit(job); // the fallback is destroyed, too, and says so
      }
    },
  };
}
