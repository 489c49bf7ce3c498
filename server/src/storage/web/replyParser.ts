/**
 * Parses one HTTP/1.1 reply whose body says where it ends (RFC 9112): status line, header lines, an empty line, and then `Content-Length` bytes or
 * chunks.
 *
 * Strict where leniency would be guessing: obsolete line folding, a header without a colon, several lengths that differ, a length beside chunks,
 * other transfer encodings, informational replies and a missing length all make the reply "unfit", before anything of it is given away.
 */
import type { IncomingHttpHeaders } from "node:http";
import { type ChunkedBody, createChunkedBody } from "./chunkedBody.ts";

export interface ReplySink {
  head(status: number, headers: IncomingHttpHeaders): void;
  /** The bytes are valid during the call only. */
  body(part: Buffer): void;
}

/**
 * more = the reply goes on; end = it is complete and the connection can take another request; last = complete, and the connection must not be
 * used again; unfit = not a reply for this parser; bad = chunks that are none.
 */
export type ReplyOutcome = "more" | "end" | "last" | "unfit" | "bad";

export interface ReplyParser {
  /** Did any byte of the reply arrive? */
  readonly hasBytes: boolean;
  take(bytes: Buffer, sink: ReplySink): ReplyOutcome;
}

const maxHeadBytes = 64 * 1024;
const headEnd = Buffer.from("\r\n\r\n");

interface Head {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** undefined = in chunks. */
  readonly length: number | undefined;
  readonly isLast: boolean;
}

export function createReplyParser(): ReplyParser {
  let hasBytes = false;
  /** The start of a head that came in parts. */
  let early: Buffer | undefined;
  let head: Head | undefined;
  let left = 0;

  let chunks: ChunkedBody | undefined;

  function takeChunks(body: ChunkedBody, bytes: Buffer, sink: ReplySink): ReplyOutcome {
    const used = body.take(bytes, (part) => sink.body(part));
    if (used === "bad") {
      return "bad";
    }
    return used < 0 ? "more" : used === bytes.byteLength && head?.isLast === false ? "end" : "last";
  }

  function takeBody(bytes: Buffer, sink: ReplySink): ReplyOutcome {
    if (chunks !== undefined) {
      return takeChunks(chunks, bytes, sink);
    }
    const part = bytes.byteLength > left ? bytes.subarray(0, left) : bytes;
    left -= part.byteLength;
    if (part.byteLength > 0) {
      sink.body(part);
    }
    if (left > 0) {
      return "more";
    }
    const isClean = part.byteLength === bytes.byteLength;
    return isClean && head?.isLast === false ? "end" : "last";
  }

  return {
    get hasBytes() {
      return hasBytes;
    },
    take(bytes, sink) {
      hasBytes = true;
      if (head !== undefined) {
        return takeBody(bytes, sink);
      }
      const all = early === undefined ? bytes : Buffer.concat([early, bytes]);
      const end = all.indexOf(headEnd);
      if (end < 0) {
        early = Buffer.from(all); // the buffer of the socket is used again
        return all.byteLength > maxHeadBytes ? "unfit" : "more";
      }
      head = parseHead(all.toString("latin1", 0, end));
      if (head === undefined) {
        return "unfit";
      }
      left = head.length ?? 0;
      chunks = head.length === undefined ? createChunkedBody() : undefined;
      sink.head(head.status, head.headers);
      return takeBody(all.subarray(end + headEnd.byteLength), sink);
    },
  };
}

function parseHead(text: string): Head | undefined {
  const lines = text.split("\r\n");
  const [, version, code] = /^HTTP\/1\.([01]) (\d{3})(?: |$)/.exec(lines[0] ?? "") ?? [];
  const headers = parseHeaders(lines);
  const status = Number(code);
  if (headers === undefined || !(status >= 200 && status < 600)) {
    return undefined;
  }
  const isEmpty = status === 204 || status === 304;
  const { "content-length": length, "transfer-encoding": transfer } = headers;
  const isChunked = length === undefined && transfer?.toLowerCase() === "chunked" && version === "1";
  const isSized = transfer === undefined && length !== undefined && /^\d{1,15}$/.test(length);
  if (!isEmpty && !isChunked && !isSized) {
    return undefined;
  }
  const connection = (headers.connection ?? "").toLowerCase();
  const isLast = version === "1" ? connection.includes("close") : !connection.includes("keep-alive");
  return { status, headers, length: isEmpty ? 0 : isChunked ? undefined : Number(length), isLast };
}

/** By lower-case name; repeated ones are joined by ", ", as for lists, but a repeated length must be the same. */
function parseHeaders(lines: readonly string[]): IncomingHttpHeaders | undefined {
  const headers: Record<string, string> = Object.create(null);
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i] ?? "";
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(0, colon)).toLowerCase();
    if (!isToken(name)) {
      return undefined;
    }
    const value = line.slice(colon + 1).trim();
    const earlier = headers[name];
    if (earlier === undefined) {
      headers[name] = value;
    } else if (name !== "content-length") {
      headers[name] = `${earlier}, ${value}`;
    } else if (earlier !== value) {
      return undefined;
    }
  }
  return headers as IncomingHttpHeaders;
}

/** Nearly all names are these; a set of strings that are there is faster than a pattern. */
const usualNames = new Set(
  "accept-ranges cache-control connection content-encoding content-length content-type date etag keep-alive last-modified server".split(
    " ",
  ),
);

function isToken(name: string): boolean {
  return usualNames.has(name) || /^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name);
}
