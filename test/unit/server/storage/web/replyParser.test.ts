/** Replies of HTTP/1.1, whole and in pieces, sound and not. */
import { describe, expect, it } from "vitest";
import { createReplyParser, type ReplyOutcome } from "../../../../../server/src/storage/web/replyParser.ts";

interface Parsed {
  readonly outcomes: readonly ReplyOutcome[];
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** What a parser makes of text that arrives in pieces of `step` bytes, until it is done with it. */
function parse(text: string, step = text.length): Parsed {
  const parser = createReplyParser();
  const bytes = Buffer.from(text, "latin1");
  const outcomes: ReplyOutcome[] = [];
  let status: number | undefined;
  let headers: Readonly<Record<string, unknown>> = {};
  let body = "";
  // One buffer for all pieces, as a socket has.
  const shared = Buffer.alloc(step);
  for (let at = 0; at < bytes.byteLength && (outcomes.at(-1) ?? "more") === "more"; at += step) {
    const size = bytes.copy(shared, 0, at, at + step);
    outcomes.push(
      parser.take(shared.subarray(0, size), {
        head(code, fields) {
          status = code;
          headers = { ...fields };
        },
        body(part) {
          body += part.toString("latin1");
        },
      }),
    );
    shared.fill(0xff);
  }
  return { outcomes, status, headers, body };
}

const sized = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag:  "a:b" \r\n\r\nhello';
const chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nx-sum: 1\r\n\r\n";

describe("a reply parser", () => {
  it.each([1, 2, 3, 7, 1000])("reads a reply with a length that comes in pieces of %i bytes", (step) => {
    const { outcomes, status, headers, body } = parse(sized, step);
    expect([status, headers, body]).toEqual([200, { "content-length": "5", etag: '"a:b"' }, "hello"]);
    expect(outcomes.at(-1)).toBe("end");
    expect(new Set(outcomes.slice(0, -1))).toEqual(new Set(step === 1000 ? [] : ["more"]));
  });

  it.each([1, 2, 3, 7, 1000])("reads a reply in chunks that comes in pieces of %i bytes", (step) => {
    const { outcomes, body } = parse(chunked, step);
    expect([body, outcomes.at(-1)]).toEqual(["hello", "end"]);
  });

  it("joins the values of a header that is repeated", () => {
    expect(parse("HTTP/1.1 404 \r\nvary: a\r\nVary: b\r\ncontent-length: 0\r\n\r\n").headers).toMatchObject({
      vary: "a, b",
    });
  });

  it.each([
    ["the server closes", "HTTP/1.1 200 OK\r\nconnection: Close\r\ncontent-length: 0\r\n\r\n"],
    ["HTTP/1.0", "HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n"],
    ["more bytes than the length", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nab"],
    ["bytes behind the last chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nx"],
  ])("does not let the connection be used again: %s", (_name, text) => {
    expect(parse(text).outcomes).toEqual(["last"]);
  });

  it("goes on with a kept connection of HTTP/1.0, and knows that 304 has no body", () => {
    expect(parse("HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 0\r\n\r\n").outcomes).toEqual(["end"]);
    expect(parse("HTTP/1.1 304 Not Modified\r\ncontent-length: 99\r\n\r\n").outcomes).toEqual(["end"]);
  });

  it.each([
    ["no HTTP", "ICY 200 OK\r\n\r\n"],
    ["an informational reply", "HTTP/1.1 103 Early Hints\r\n\r\n"],
    ["no length", "HTTP/1.1 200 OK\r\n\r\nabc"],
    ["two lengths", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\na"],
    ["a length and chunks", `HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
    ["a negative length", "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n"],
    ["another transfer encoding", "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n"],
    ["a folded line", "HTTP/1.1 200 OK\r\na: b\r\n c\r\ncontent-length: 0\r\n\r\n"],
    ["a header without a colon", "HTTP/1.1 200 OK\r\nabc\r\ncontent-length: 0\r\n\r\n"],
    ["a head without an end", `HTTP/1.1 200 OK\r\na: ${"b".repeat(70_000)}`],
  ])("leaves to others: %s", (_name, text) => {
    const { outcomes, status, body } = parse(text);
    expect([outcomes, status, body]).toEqual([["unfit"], undefined, ""]);
  });

  it.each(["x\r\n", "-1\r\n", "\r\n", "1\r\nab\r\n", "1\nab", `${"1".repeat(5000)}`, `0\r\n${"t".repeat(5000)}`])(
    "refuses chunks that are none: %j",
    (chunks) => {
      expect(parse(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${chunks}`).outcomes).toEqual(["bad"]);
    },
  );
});
