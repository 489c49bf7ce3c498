/**
 * Frames of the bulk channel, read from a byte stream that is cut anywhere, and written. Layout in `schemas/protocol/bulk.ts`.
 * DATA is handed on in the pieces in which it arrives, so nothing here grows; an ERROR is gathered, up to one frame.
 */
import { FrameKind, frameHeaderBytes, maxFramePayloadBytes } from "../../../schemas/protocol/bulk.ts";

/** What a reader meets. Throwing from a handler is a defect. */
export interface FrameHandlers {
  /** A piece of a stream's bytes; a view that is only good during the call. */
  onData(stream: number, piece: Uint8Array): void;
  onEnd(stream: number): void;
  /** The payload of an ERROR frame as text. */
  onError(stream: number, json: string): void;
}

export interface FrameReader {
  /** Takes the next bytes. Throws on a frame that the protocol does not know; the connection is of no use then. */
  push(bytes: Uint8Array): void;
}

export function createFrameReader(handlers: FrameHandlers): FrameReader {
  const header = new Uint8Array(frameHeaderBytes);
  const headerView = new DataView(header.buffer);
  let headerBytes = 0;
  let frame: Frame | undefined;

  /** Fills the header; returns how many bytes it took. */
  function takeHeader(bytes: Uint8Array): number {
    const taken = Math.min(bytes.length, frameHeaderBytes - headerBytes);
    header.set(bytes.subarray(0, taken), headerBytes);
    headerBytes += taken;
    if (headerBytes === frameHeaderBytes) {
      headerBytes = 0;
      frame = parseHeader(headerView);
    }
    return taken;
  }

  /** Hands on a part of the payload; returns how many bytes it took. */
  function takePayload(current: Frame, bytes: Uint8Array): number {
    const piece = bytes.subarray(0, Math.min(bytes.length, current.remaining));
    current.remaining -= piece.length;
    if (current.kind === FrameKind.Data && piece.length > 0) {
      handlers.onData(current.stream, piece);
    } else if (current.kind === FrameKind.Error) {
      current.text += current.decoder.decode(piece, { stream: current.remaining > 0 });
    }
    return piece.length;
  }

  function finish(current: Frame): void {
    frame = undefined;
    if (current.kind === FrameKind.End) {
      handlers.onEnd(current.stream);
    } else if (current.kind === FrameKind.Error) {
      handlers.onError(current.stream, current.text);
    }
  }

  return {
    push(bytes) {
      let rest = bytes;
      while (rest.length > 0) {
        rest = rest.subarray(frame === undefined ? takeHeader(rest) : takePayload(frame, rest));
        if (frame?.remaining === 0) {
          finish(frame);
        }
      }
    },
  };
}

/** One frame to send. */
export function encodeFrame(kind: FrameKind, stream: number, payload: Uint8Array = new Uint8Array()): Uint8Array {
  const frame = new Uint8Array(frameHeaderBytes + payload.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, payload.length, true);
  view.setUint8(4, kind);
  view.setUint32(8, stream, true);
  frame.set(payload, frameHeaderBytes);
  return frame;
}

interface Frame {
  readonly kind: FrameKind;
  readonly stream: number;
  /** Payload bytes still to come. */
  remaining: number;
  text: string;
  readonly decoder: InstanceType<typeof TextDecoder>;
}

/** What a server may send. */
const serverKinds: readonly number[] = [FrameKind.Data, FrameKind.End, FrameKind.Error];

function parseHeader(view: DataView): Frame {
  const remaining = view.getUint32(0, true);
  const kind = view.getUint8(4);
  if (!serverKinds.includes(kind)) {
    throw new Error(`unexpected frame on the bulk channel: ${kind}`);
  }
  if (remaining > maxFramePayloadBytes) {
    throw new Error(`frame on the bulk channel is too long: ${remaining} bytes (at most ${maxFramePayloadBytes})`);
  }
  // `serverKinds` holds FrameKinds only.
  return { kind: kind as FrameKind, stream: view.getUint32(8, true), remaining, text: "", decoder: new TextDecoder() };
}
