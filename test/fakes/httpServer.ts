/** A web server in this process, on a free loopback port, that serves a map of objects and misbehaves when told to. */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What the server does instead of answering properly. */
export type Fault =
  | { readonly kind: "status"; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** Says nothing. */
  | { readonly kind: "silent" }
  /** Sends the head and half of the body, then nothing. */
  | { readonly kind: "stall" }
  /** Promises the whole body, sends half of it and closes. */
  | { readonly kind: "short" }
  /** Sends zeros without a length until the other side has enough. */
  | { readonly kind: "endless" }
  /** Closes the connection at once. */
  | { readonly kind: "reset" }
  /** 200 and the whole object for a range; `chunked` without a Content-Length. */
  | { readonly kind: "ignoreRange"; readonly chunked?: boolean }
  /** 206 with other bytes than were asked for. */
  | { readonly kind: "wrongRange" }
  | { readonly kind: "noHead" };

export interface SeenRequest {
  readonly method: string;
  /** Path with query, as sent. */
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  /** Settles when the connection of the request is closed, or its answer complete. */
  readonly ended: Promise<"answered" | "closed">;
}

export interface FakeServer {
  readonly origin: string;
  /** By decoded path, without the first slash. */
  readonly objects: Map<string, { readonly bytes: Uint8Array; readonly encoding?: string }>;
  /** Faults by decoded path: each is used once, in order; `repeat` leaves the last one in place. */
  fail(path: string, faults: readonly Fault[], options?: { readonly repeat?: boolean }): void;
  readonly seen: SeenRequest[];
  /** Settles with the next request that arrives. */
  nextRequest(): Promise<SeenRequest>;
  close(): Promise<void>;
}

interface PlannedFaults {
  readonly faults: Fault[];
  readonly repeat: boolean;
}

export interface FakeServerOptions {
  /** Answer for folders as nginx does with `autoindex_format json`; the root is always there. */
  readonly hasIndex?: boolean;
}

export async function startFakeServer({ hasIndex = false }: FakeServerOptions = {}): Promise<FakeServer> {
  const objects: FakeServer["objects"] = new Map();
  const plans = new Map<string, PlannedFaults>();
  const seen: SeenRequest[] = [];
  const waiting: ((request: SeenRequest) => void)[] = [];

  const server = createServer((request, response) => {
    const ended = new Promise<"answered" | "closed">((resolve) => {
      response.on("close", () => resolve(response.writableFinished ? "answered" : "closed"));
    });
    const { method = "", url = "", headers } = request;
    const record = { method, url, headers, ended };
    seen.push(record);
    waiting.splice(0).forEach((resolve) => {
      resolve(record);
    });
    const path = decodeURIComponent(url.replace(/[?#].*$/, "").slice(1));
    const plan = plans.get(path);
    const fault = plan?.repeat && plan.faults.length === 1 ? plan.faults[0] : plan?.faults.shift();
    const index =
      hasIndex && fault === undefined && (path === "" || path.endsWith("/")) ? indexOf(objects, path) : undefined;
    if (index === undefined) {
      answer(request, response, objects.get(path), fault);
    } else {
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(index));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;

  return {
    origin: `http://127.0.0.1:${port}`,
    objects,
    seen,
    fail: (path, faults, { repeat = false } = {}) => plans.set(path, { faults: [...faults], repeat }),
    nextRequest: () => new Promise((resolve) => waiting.push(resolve)),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The names in a folder; `undefined` where there is none. */
function indexOf(objects: FakeServer["objects"], folder: string): object[] | undefined {
  const items = new Map<string, object>();
  for (const [path, { bytes }] of objects) {
    const [, name, slash] = path.startsWith(folder) ? (/^([^/]+)(\/?)/.exec(path.slice(folder.length)) ?? []) : [];
    if (name !== undefined) {
      const size = slash === "" ? { size: bytes.byteLength } : {};
      const type = slash === "" ? "file" : "directory";
      items.set(`${name}${slash}`, { name, type, mtime: "Sun, 22 Nov 2026 19:26:00 GMT", ...size });
    }
  }
  return items.size === 0 && !/^(a b\/layer\/)?$/.test(folder) ? undefined : [...items.values()];
}

type Served = { readonly bytes: Uint8Array; readonly encoding?: string } | undefined;

function answer(request: IncomingMessage, response: ServerResponse, object: Served, fault: Fault | undefined): void {
  switch (fault?.kind) {
    case "status":
      response.writeHead(fault.status, fault.headers).end("refused by plan");
      return;
    case "silent":
      return;
    case "reset":
      request.socket.destroy();
      return;
    case "endless":
      sendEndless(response);
      return;
    case "noHead":
      if (request.method === "HEAD") {
        response.writeHead(405).end();
        return;
      }
  }
  if (object === undefined) {
    response.writeHead(404, { "content-type": "text/html" }).end("<h1>not found</h1>");
    return;
  }
  serve(request, response, object, fault);
}

function serve(
  request: IncomingMessage,
  response: ServerResponse,
  { bytes, encoding }: NonNullable<Served>,
  fault: Fault | undefined,
): void {
  const headers: Record<string, string | number> = {
    etag: `"${createHash("sha1").update(bytes).digest("hex")}"`,
    ...(encoding !== undefined && { "content-encoding": encoding }),
  };
  const range = fault?.kind === "ignoreRange" ? undefined : request.headers.range;
  if (range !== undefined) {
    serveRange(response, bytes, { range, headers, isWrong: fault?.kind === "wrongRange" });
    return;
  }
  if (fault?.kind === "ignoreRange" && fault.chunked) {
    response.writeHead(200, headers);
    response.write(bytes.subarray(0, 1));
    response.end(bytes.subarray(1));
    return;
  }
  response.writeHead(200, { ...headers, "content-length": bytes.byteLength });
  if (request.method === "HEAD") {
    response.end();
  } else if (fault?.kind === "short" || fault?.kind === "stall") {
    response.write(bytes.subarray(0, bytes.byteLength >> 1), () => fault.kind === "short" && request.socket.destroy());
  } else {
    response.end(bytes);
  }
}

interface RangeAnswer {
  readonly range: string;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly isWrong: boolean;
}

function serveRange(response: ServerResponse, bytes: Uint8Array, { range, headers, isWrong }: RangeAnswer): void {
  const [, from = "", to = ""] = /^bytes=(\d*)-(\d*)$/.exec(range) ?? [];
  const size = bytes.byteLength;
  const start = from === "" ? Math.max(0, size - Number(to)) : Number(from);
  const end = from === "" || to === "" ? size : Math.min(size, Number(to) + 1);
  if (start >= end) {
    response.writeHead(416, { "content-range": `bytes */${size}` }).end("no such range");
    return;
  }
  const shift = isWrong ? 1 : 0;
  response.writeHead(206, {
    ...headers,
    "content-range": `bytes ${start + shift}-${end - 1 + shift}/${size + shift}`,
    "content-length": end - start,
  });
  response.end(bytes.subarray(start, end));
}

function sendEndless(response: ServerResponse): void {
  response.writeHead(200);
  const block = new Uint8Array(16 * 1024);
  const send = (): void => {
    while (!response.destroyed && response.write(block)) {
      // until the socket is full
    }
  };
  response.on("drain", send);
  send();
}
