/**
 * The bulk channel: bytes that are too many for JSON, over a local socket or pipe that only this user can open.
 *
 * Frame: u32 LE payload bytes | u8 kind | u8[3] zero | u32 LE stream | payload. A stream belongs to one request and ends with END or ERROR.
 * The server sends at most `initialCredit` payload bytes of DATA beyond what the client has acknowledged with CREDIT.
 */
import { defineRequest } from "./rpc.ts";

export const frameHeaderBytes = 12;
/** Longest payload of a frame; longer data is sent in several. */
export const maxFramePayloadBytes = 1 << 20;
/** DATA bytes that may be unacknowledged. */
export const initialCredit = 8 << 20;

export const FrameKind = {
  /** Client, first frame: payload is the token, UTF-8. The server closes the connection on anything else. */
  Hello: 1,
  /** Server: a piece of the stream's bytes. */
  Data: 2,
  /** Server: the stream is complete; no payload. */
  End: 3,
  /** Server: the stream failed; payload is a WireError as JSON. */
  Error: 4,
  /** Client: nobody wants the stream any more; the server stops the work behind it. */
  Cancel: 5,
  /** Client: payload u32 LE, bytes of DATA consumed since the last CREDIT. Stream 0. */
  Credit: 6,
} as const;
export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind];

export interface OpenBulkResult {
  /** Path of the socket, or name of the pipe. */
  readonly path: string;
  /** To be sent in HELLO; good for one connection. */
  readonly token: string;
}
/** Asks the server to listen; each answer is good for one connection. */
export const openBulk = defineRequest<Record<string, never>, OpenBulkResult>("cloudvolume/bulk/open");
