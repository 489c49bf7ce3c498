/**
 * BloscLZ, one of Blosc's compressors, decoding only. A stream of instructions, of which the first is a literal run whatever its high bits say:
 *
 *   0-31     literal run of that many bytes and 1 more; they follow
 *   32-255   match: high 3 bits + 2 its length (7: more bytes follow, each added, up to the first below 255), low 5 bits the high part of its
 *            distance - 1; then its low byte. If all those 13 bits are ones, u16 big endian follows: distance - 8192
 */
import { InvalidChunkError } from "../../errors.ts";

const farDistance = 8191;

/** Decodes a stream that must hold exactly the bytes of `out`. Throws InvalidChunkError when it does not. */
export function decodeBloscLz(stream: Uint8Array, out: Uint8Array): void {
  let at = 0;
  let to = 0;
  while (at < stream.byteLength) {
    const isFirst = at === 0;
    const control = (stream[at++] ?? 0) & (isFirst ? 31 : 255);
    if (control < 32) {
      const end = at + control + 1;
      if (end > stream.byteLength || to + control + 1 > out.byteLength) {
        throw damaged("literals");
      }
      while (at < end) {
        out[to++] = stream[at++] ?? 0;
      }
      continue;
    }
    let length = (control >> 5) + 2;
    for (let more = control >> 5 === 7 ? 255 : 0; more === 255; ) {
      more = stream[at++] ?? 0;
      length += more;
    }
    const low = stream[at++] ?? 0;
    let distance = ((control & 31) << 8) + low;
    if (distance === farDistance) {
      distance += ((stream[at] ?? 0) << 8) + (stream[at + 1] ?? 0);
      at += 2;
    }
    distance += 1;
    if (at > stream.byteLength || distance > to || to + length > out.byteLength) {
      throw damaged(`distance ${distance}`);
    }
    for (const end = to + length; to < end; to++) {
      out[to] = out[to - distance] ?? 0;
    }
  }
  if (to !== out.byteLength) {
    throw damaged(`${to} of ${out.byteLength} bytes`);
  }
}

function damaged(why: string): InvalidChunkError {
  return new InvalidChunkError(`damaged blosclz stream: ${why}`);
}
