/**
 * A body in chunks (RFC 9112 §7.1): size in hexadecimal, perhaps extensions, CRLF, that many bytes, CRLF; size 0 ends it; trailer lines; an empty line.
 */

export interface ChunkedBody {
  /**
   * Takes bytes that arrived and gives the body's away, as views of them. The number of bytes that belonged to the body when it ended with them,
   * -1 when it goes on, "bad" when this is no such body.
   */
  take(bytes: Buffer, give: (part: Buffer) => void): number | "bad";
}

/** Of a size line with its extensions, and of all trailer lines. */
const maxLineBytes = 4096;

export function createChunkedBody(): ChunkedBody {
  let state: "size" | "data" | "after data" | "trailer" = "size";
  let line = "";
  let left = 0;

  /** The state after a line; undefined = the body has ended. */
  function afterLine(): typeof state | "bad" | undefined {
    switch (state) {
      case "after data":
        return line === "" ? "size" : "bad";
      case "trailer":
        return line === "" ? undefined : "trailer";
      default: {
        const size = /^([0-9a-f]{1,12})[ \t]*(?:;|$)/i.exec(line)?.[1];
        left = size === undefined ? -1 : Number.parseInt(size, 16);
        return left < 0 ? "bad" : left === 0 ? "trailer" : "data";
      }
    }
  }

  return {
    take(bytes, give) {
      let at = 0;
      while (at < bytes.byteLength) {
        if (state === "data") {
          const part = bytes.subarray(at, at + left);
          give(part);
          at += part.byteLength;
          left -= part.byteLength;
          state = left === 0 ? "after data" : "data";
          continue;
        }
        const end = bytes.indexOf(10, at);
        line += bytes.toString("latin1", at, end < 0 ? bytes.byteLength : end);
        if (line.length > maxLineBytes) {
          return "bad";
        }
        if (end < 0) {
          return -1;
        }
        at = end + 1;
        if (!line.endsWith("\r")) {
          return "bad";
        }
        line = line.slice(0, -1);
        const next = afterLine();
        line = "";
        if (next === undefined || next === "bad") {
          return next ?? at;
        }
        state = next;
      }
      return -1;
    },
  };
}
