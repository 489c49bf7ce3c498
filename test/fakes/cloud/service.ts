/** What the fakes of cloud services are made of: a loopback server that reads each request whole, logs it, and answers with a value. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as it came over the wire. */
export interface SeenRequest {
  readonly method: string;
  /** Path and query, as sent. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

export interface ServiceRequest extends SeenRequest {
  /** Without the query, still percent-encoded. */
  readonly rawPath: string;
  /** Decoded names and values, in the order sent. */
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

export interface ServiceReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | number>>;
  /** Not sent for HEAD, 204 and 304; HEAD still says its length. */
  readonly body?: Uint8Array | string;
}

export interface Service {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  /** Every request, oldest first. */
  readonly requests: SeenRequest[];
  close(): Promise<void>;
}

/** Serves on a free loopback port. What `answer` throws becomes a reply of 500, which a test will notice. */
export async function startService(
  answer: (request: ServiceRequest) => ServiceReply | Promise<ServiceReply>,
): Promise<Service> {
  const requests: SeenRequest[] = [];
  return listen((message, response) => {
    void readRequest(message, requests)
      .then(answer)
      .catch((error: unknown): ServiceReply => ({ status: 500, body: `the fake itself failed: ${String(error)}` }))
      .then((reply) => send(response, message.method ?? "", reply));
  }, requests);
}

/** A server of plain node:http on a free loopback port. */
export async function listen(
  handle: (message: IncomingMessage, response: ServerResponse) => void,
  requests: SeenRequest[],
): Promise<Service> {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // a TCP server has a port
  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** The value of a query parameter; "" when it is there without one. */
export function queryOf(request: ServiceRequest, name: string): string | undefined {
  return request.query.find(([other]) => other === name)?.[1];
}

/** The single value of a header. */
export function headerOf({ headers }: SeenRequest, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(", ") : value;
}

/** All that a request's or reply's body holds. */
export async function readBody(message: IncomingMessage): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of message) {
    parts.push(part as Uint8Array); // a message without encoding gives buffers
  }
  return Buffer.concat(parts);
}

async function readRequest(message: IncomingMessage, requests: SeenRequest[]): Promise<ServiceRequest> {
  const { method = "", url: path = "", headers } = message;
  requests.push({ method, path, headers });
  return { method, path, headers, ...parseTarget(path), body: await readBody(message) };
}

/** Path and query of a request's target. Throws URIError for a query that is no percent-encoding. */
export function parseTarget(target: string): Pick<ServiceRequest, "rawPath" | "query"> {
  const [rawPath = "", ...rest] = target.split("?");
  return { rawPath, query: parseQuery(rest.join("?")) };
}

function parseQuery(text: string): [string, string][] {
  return text
    .split("&")
    .filter((part) => part !== "")
    .map((part) => {
      const [name = "", ...value] = part.split("=");
      return [decodeQueryPart(name), decodeQueryPart(value.join("="))];
    });
}

function decodeQueryPart(text: string): string {
  return decodeURIComponent(text.replaceAll("+", "%20"));
}

function send(response: ServerResponse, method: string, { status, headers = {}, body = "" }: ServiceReply): void {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  const isBare = status === 204 || status === 304 || (status >= 100 && status < 200);
  const isSized = !isBare && headers["transfer-encoding"] === undefined;
  response.writeHead(status, { ...(isSized && { "content-length": bytes.byteLength }), ...headers });
  response.end(isBare || method === "HEAD" ? undefined : bytes);
}
