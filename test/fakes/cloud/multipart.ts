/** MIME messages of several parts, as Google's multipart uploads and batches are. */

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
  return text
    .split(`\r\n--${boundary}`)
    .slice(1)
    .filter((part) => !part.startsWith("--"))
    .map((part) => parsePart(part.replace(/^[ \t]*\r\n/, "")));
}

/** Headers, an empty line, a body; text in Latin-1, a character a byte. */
export function parsePart(text: string): MimePart {
  const isBare = text.startsWith("\r\n");
  const end = isBare ? 0 : text.indexOf("\r\n\r\n");
  const lines = (end === -1 ? text : text.slice(0, end)).split("\r\n").filter((line) => line.includes(":"));
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
  });
  const body = end === -1 ? "" : text.slice(end + (isBare ? 2 : 4));
  return { headers: Object.fromEntries(headers), body: Buffer.from(body, "latin1") };
}
