/** What all compressors share: the texts of their errors, and joining of parts. No node: module, so that browsers have it too. */
import { InvalidChunkError, TooLargeError } from "../../errors.ts";

/** The first bytes, for messages about input that is something else. */
export function describeStart(bytes: Uint8Array): string {
  const start = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return bytes.byteLength === 0 ? "0 bytes" : `${bytes.byteLength} bytes that start with ${start}`;
}

/** Input that is no stream of `what` at all. */
export function notAStream(what: string, bytes: Uint8Array): InvalidChunkError {
  return new InvalidChunkError(`not a ${what} stream: ${describeStart(bytes)}`);
}

/** Output beyond the limit. */
export function expandsTooFar(what: string, maxBytes: number, cause?: unknown): TooLargeError {
  return new TooLargeError(`${what} stream expands to more than ${maxBytes} bytes`, {}, { cause });
}

/** The parts as one array; a single part is given back as it is. */
export function joinParts(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) {
    return first;
  }
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.byteLength;
  }
  return joined;
}

/** A stream that ends too early. */
export function cutOff(what: string): InvalidChunkError {
  return new InvalidChunkError(`${what} stream is cut off`);
}

/** The same bytes, to read and write integers. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
