/** A proxy in front of a fake service that spoils the next replies as it is told. */
import {
  Agent,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { setImmediate as turn } from "node:timers/promises";
import { listen, readBody, type SeenRequest } from "./service.ts";

/** What happens to one request. */
export type ProxyFault =
  | { readonly kind: "pass" }
  /** Refused without asking the service. */
  | {
      readonly kind: "status";
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** The whole reply, in many small pieces. */
  | { readonly kind: "slow" }
  /** No reply at all. */
  | { readonly kind: "silent" }
  /** The head and half of the body, then nothing. */
  | { readonly kind: "stalled" }
  /** The head and half of the body, then the connection is closed. */
  | { readonly kind: "short" }
  /** Content-Length is wrong by so many bytes; where it says too much, the connection is closed at the end. */
  | { readonly kind: "wrongLength"; readonly by: number }
  /** One bit of the body is another. */
  | { readonly kind: "altered" }
  /** The checksums in the headers, and an ETag that is one, are others. */
  | { readonly kind: "wrongHash" }
  /** 200 and these bytes, the whole object, for a range. */
  | { readonly kind: "wholeForRange"; readonly bytes: Uint8Array }
  /** The connection is closed before the service sees anything. */
  | { readonly kind: "reset" }
  /** The service does what was asked; the connection is closed before the reply. */
  | { readonly kind: "lostReply" }
  /** To the same path and query of another origin. */
  | { readonly kind: "redirect"; readonly status: number; readonly to: string }
  /** The reply says that the content is another. */
  | { readonly kind: "newEtag"; readonly etag: string }
  /** Something happens before the request is passed on. */
  | { readonly kind: "after"; act(): void | Promise<void> };

export interface FaultProxy {
  readonly origin: string;
  /** Every request that came to the proxy. */
  readonly requests: SeenRequest[];
  /** One for each of the next requests that `applies` to, in order. */
  next(...faults: readonly ProxyFault[]): void;
  /** For all requests once those of `next` are used up; `undefined` = pass. */
  always(fault: ProxyFault | undefined): void;
  /** How many faults of `next` have not happened: 0 at the end of a good test. */
  faultsLeft(): number;
  close(): Promise<void>;
}

export interface FaultProxyOptions {
  /** Requests that faults are for; default all. Others pass. */
  readonly applies?: (request: SeenRequest) => boolean;
}

interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
}

/** Passes requests on to `target`, an origin, with the Host that they came with: signatures stay right. */
export async function startFaultProxy(
  target: string,
  { applies = () => true }: FaultProxyOptions = {},
): Promise<FaultProxy> {
  const planned: ProxyFault[] = [];
  const requests: SeenRequest[] = [];
  const agent = new Agent({ keepAlive: true });
  let standing: ProxyFault = { kind: "pass" };
  const service = await listen((message, response) => {
    const seen = { method: message.method ?? "", path: message.url ?? "", headers: message.headers };
    requests.push(seen);
    const fault = applies(seen) ? (planned.shift() ?? standing) : ({ kind: "pass" } as const);
    void answer(message, response, { fault, target, agent }).catch(() => message.socket.destroy());
  }, requests);
  return {
    ...service,
    next: (...faults) => planned.push(...faults),
    always(fault = { kind: "pass" }) {
      standing = fault;
    },
    faultsLeft: () => planned.length,
    async close() {
      agent.destroy();
      await service.close();
    },
  };
}

interface Scene {
  readonly fault: ProxyFault;
  readonly target: string;
  readonly agent: Agent;
}

async function answer(message: IncomingMessage, response: ServerResponse, scene: Scene): Promise<void> {
  const { fault } = scene;
  const body = await readBody(message);
  switch (fault.kind) {
    case "silent":
      return;
    case "reset":
      message.socket.destroy();
      return;
    case "status":
      response.writeHead(fault.status, fault.headers).end(fault.body ?? "refused by plan");
      return;
    case "redirect":
      response.writeHead(fault.status, { location: fault.to + (message.url ?? "") }).end();
      return;
    case "after":
      await fault.act();
  }
  const reply = await pass(message, body, scene);
  if (fault.kind === "lostReply") {
    message.socket.destroy();
  } else {
    await send(message, response, spoil(reply, fault), fault);
  }
}

function pass(
  { method, url, headers: all }: IncomingMessage,
  body: Uint8Array,
  { target, agent }: Scene,
): Promise<Reply> {
  const { connection: _own, expect: _continue, ...sent } = all;
  const { hostname, port } = new URL(target);
  return new Promise((resolve, reject) => {
    const onward = httpRequest({ hostname, port, agent, method, path: url, headers: sent }, (reply) => {
      readBody(reply).then(
        (bytes) => resolve({ status: reply.statusCode ?? 0, headers: reply.headers, body: bytes }),
        reject,
      );
    });
    onward.on("error", reject).end(body);
  });
}

const hashHeaders = /^(?:x-goog-hash|content-md5|x-amz-checksum-(?!type))/;

function spoil(reply: Reply, fault: ProxyFault): Reply {
  const { headers, body } = reply;
  switch (fault.kind) {
    case "altered": {
      const altered = Uint8Array.from(body);
      altered[body.byteLength >> 1] = (body[body.byteLength >> 1] ?? 0) ^ 1;
      return { ...reply, body: altered };
    }
    case "wrongHash": {
      const spoilt = Object.entries(headers).map(([name, value]) =>
        hashHeaders.test(name) || (name === "etag" && /^"[0-9a-f]{32}"$/.test(String(value)))
          ? [name, otherHash(String(value))]
          : [name, value],
      );
      return { ...reply, headers: Object.fromEntries(spoilt) };
    }
    case "wholeForRange": {
      const { "content-range": _range, ...whole } = headers;
      return {
        status: 200,
        headers: { ...whole, "content-length": String(fault.bytes.byteLength) },
        body: fault.bytes,
      };
    }
    case "newEtag":
      return { ...reply, headers: { ...headers, etag: fault.etag } };
    case "wrongLength":
      return { ...reply, headers: { ...headers, "content-length": String(body.byteLength + fault.by) } };
    default:
      return reply;
  }
}

/** Other letters and digits in the same form. */
function otherHash(text: string): string {
  return text.replace(/[0-9a-zA-Z+/]{5,}(?:==?)?/g, (hash) =>
    hash.replace(/^./, (first) => (first === "0" ? "1" : "0")),
  );
}

async function send(
  message: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: Reply,
  fault: ProxyFault,
): Promise<void> {
  const { connection: _connection, "keep-alive": _keepAlive, ...kept } = headers;
  response.writeHead(status, kept);
  if (message.method === "HEAD") {
    response.end();
    return;
  }
  switch (fault.kind) {
    case "slow":
      for (let at = 0; at < body.byteLength; at += Math.ceil(body.byteLength / 50)) {
        response.write(body.subarray(at, at + Math.ceil(body.byteLength / 50)));
        await turn();
      }
      response.end();
      return;
    case "stalled":
      response.write(body.subarray(0, body.byteLength >> 1));
      return;
    case "short":
      response.write(body.subarray(0, body.byteLength >> 1), () => message.socket.destroy());
      return;
    case "wrongLength":
      response.write(body, () => (fault.by > 0 ? message.socket.destroy() : response.end()));
      return;
    default:
      response.end(body);
  }
}
