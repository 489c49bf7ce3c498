/** Batches of the JSON API: requests as parts of a request, each with a reply of its own. */
import { STATUS_CODES } from "node:http";
import { invalid } from "./gcsState.ts";
import { parsePart, splitMultipart } from "./multipart.ts";
import { headerOf, parseTarget, type ServiceReply, type ServiceRequest } from "./service.ts";

const mostCalls = 100;
const boundary = "batch_fake";

/** `answer` gets each part as a request, with the batch's Authorization unless it brings its own. */
export function answerBatch(request: ServiceRequest, answer: (part: ServiceRequest) => ServiceReply): ServiceReply {
  const parts = splitMultipart(request.body, headerOf(request, "content-type"));
  if (request.method !== "POST" || parts.length === 0 || parts.length > mostCalls) {
    throw invalid(`A batch has 1 to ${mostCalls} parts`);
  }
  const replies = parts.map(({ headers, body }) => {
    const text = Buffer.from(body).toString("latin1");
    const [first = "", line = ""] = /^(.*?)\r?\n/.exec(text) ?? [];
    const [method = "", target = ""] = line.split(" ");
    const path = target.replace(/^https?:\/\/[^/]+/, ""); // some clients name the host
    const inner = parsePart(text.slice(first.length));
    const { authorization } = request.headers;
    const reply = answer({
      method,
      path,
      headers: { host: request.headers.host, ...(authorization !== undefined && { authorization }), ...inner.headers },
      ...parseTarget(path),
      body: inner.body,
    });
    return [
      `--${boundary}`,
      "Content-Type: application/http",
      `Content-ID: <response-${(headers["content-id"] ?? "").replace(/^<|>$/g, "")}>`,
      "",
      wireText(reply),
    ].join("\r\n");
  });
  return {
    status: 200,
    headers: { "content-type": `multipart/mixed; boundary=${boundary}` },
    body: Buffer.from(`${replies.join("\r\n")}\r\n--${boundary}--\r\n`, "latin1"),
  };
}

function wireText({ status, headers = {}, body = "" }: ServiceReply): string {
  const bytes = typeof body === "string" ? Buffer.from(body) : Buffer.from(body);
  const lines = Object.entries({ ...headers, "content-length": bytes.byteLength }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`, ...lines, "", bytes.toString("latin1")].join("\r\n");
}
