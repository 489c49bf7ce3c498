/** MIME messages of several parts, as Google's multipart uploads and batches are; Python's clients end lines without a carriage return. */

export interface MimePart {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** The parts of a body whose Content-Type names the boundary; none where it names none. */
export function splitMultipart(bytes: Uint8Array, contentType: string | undefined): readonly MimePart[] {
  const [, quoted, plain] = /boundary=(?:"([^"]+)"|([^;]+))/.exec(contentType ?? "") ?? [];
  const boundary = quoted ?? plain?.trim();
  if (boundary === undefined) {
    return [];
  }
  const text = `\r\n${Buffer.from(bytes).toString("latin1")}`;
  return splitAt(text, `\n--${boundary}`)
    .slice(1)
    .filter((part) => !part.startsWith("--"))
    .map((part) => parsePart(part.replace(/^[ \t]*\r?\n/, "")));
}

/** Without the line's end before each separator. */
function splitAt(text: string, separator: string): string[] {
  return text.split(separator).map((part) => part.replace(/\r$/, ""));
}

/** Headers, an empty line, a body; text in Latin-1, a character a byte. */
export function parsePart(text: string): MimePart {
  const [, bare] = /^(\r?\n)/.exec(text) ?? [];
  const gap = bare === undefined ? /\r?\n\r?\n/.exec(text) : undefined;
  const head = bare === undefined ? text.slice(0, gap?.index ?? text.length) : "";
  const lines = head.split(/\r?\n/).filter((line) => line.includes(":"));
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
  });
  const bodyAt = bare?.length ?? (gap ? gap.index + gap[0].length : text.length);
  return { headers: Object.fromEntries(headers), body: Buffer.from(text.slice(bodyAt), "latin1") };
}
