import { describe, expect, it } from "vitest";
import { encodeFrame } from "../../../../client/src/server/bulkFrames.ts";
import { createBulkStreams, maxStreamBytes } from "../../../../client/src/server/bulkStreams.ts";
import { FrameKind } from "../../../../schemas/protocol/bulk.ts";

/** Streams with what they sent, as [kind, stream, credit?]. */
function open() {
  const sent: number[][] = [];
  const streams = createBulkStreams((frame) => {
    const view = new DataView(frame.buffer);
    sent.push([view.getUint8(4), view.getUint32(8, true), ...(frame.length > 12 ? [view.getUint32(12, true)] : [])]);
  });
  return { sent, streams };
}
const data = (stream: number, ...bytes: number[]) => encodeFrame(FrameKind.Data, stream, Uint8Array.from(bytes));
const end = (stream: number) => encodeFrame(FrameKind.End, stream);

describe("createBulkStreams", () => {
  it("gives interleaved streams their own bytes, in arrays of exactly their size", async () => {
    const { streams } = open();
    const first = streams.open(1);
    const second = streams.open(2);
    for (const frame of [data(1, 1, 2), data(2, 9), data(1, 3), end(2), end(1)]) {
      streams.receive(frame);
    }
    const bytes = await first.read(3);
    expect([...bytes]).toEqual([1, 2, 3]);
    expect(bytes.buffer.byteLength).toBe(3);
    expect([...(await second.read(1))]).toEqual([9]);
  });

  it("hands out plain arrays with a buffer of their own when the bytes come in a pooled Buffer", async () => {
    const { streams } = open();
    const stream = streams.open(1);
    streams.receive(Buffer.from([...data(1, 5, 6), ...end(1)]));
    const bytes = await stream.read(2);
    expect(bytes.constructor).toBe(Uint8Array);
    expect(bytes.buffer.byteLength).toBe(2);
  });

  it("gives an empty stream no bytes", async () => {
    const { streams } = open();
    const stream = streams.open(1);
    streams.receive(end(1));
    expect((await stream.read(0)).length).toBe(0);
  });

  it("fails when the stream has another length than announced", async () => {
    const { streams } = open();
    const stream = streams.open(1);
    streams.receive(data(1, 1, 2));
    streams.receive(end(1));
    await expect(stream.read(3)).rejects.toThrow("the server sent 2 bytes where it announced 3");
  });

  it("fails with the error that the server sent", async () => {
    const { streams } = open();
    const stream = streams.open(1);
    const wire = { tag: "invalid_chunk", message: "truncated", data: { chunk: "0-64_0-64_0-64" } };
    streams.receive(encodeFrame(FrameKind.Error, 1, new TextEncoder().encode(JSON.stringify(wire))));
    await expect(stream.read(3)).rejects.toMatchObject({ wire });
  });

  it("fails with words when the server's error cannot be read", async () => {
    const { streams } = open();
    const stream = streams.open(1);
    streams.receive(encodeFrame(FrameKind.Error, 1, Uint8Array.of(123)));
    await expect(stream.read(3)).rejects.toMatchObject({ wire: { tag: "internal" } });
  });

  it("gives credit for every megabyte that arrives, for streams that nobody wants too", () => {
    const { sent, streams } = open();
    streams.open(1);
    const half = new Uint8Array(512 << 10);
    streams.receive(encodeFrame(FrameKind.Data, 1, half));
    expect(sent).toEqual([]);
    streams.receive(encodeFrame(FrameKind.Data, 99, half));
    expect(sent).toEqual([[FrameKind.Credit, 0, 1 << 20]]);
  });

  it("cancels once, and drops what still comes", async () => {
    const { sent, streams } = open();
    const stream = streams.open(4);
    stream.cancel();
    stream.cancel();
    streams.receive(data(4, 1));
    streams.receive(end(4));
    expect(sent).toEqual([[FrameKind.Cancel, 4]]);
    await expect(stream.read(1)).rejects.toMatchObject({ wire: { tag: "cancelled" } });
  });

  it("does not cancel a stream that is over", () => {
    const { sent, streams } = open();
    const stream = streams.open(4);
    streams.receive(end(4));
    stream.cancel();
    expect(sent).toEqual([]);
  });

  it("refuses an announced length above the limit", async () => {
    const { streams } = open();
    await expect(streams.open(1).read(maxStreamBytes + 1)).rejects.toMatchObject({ wire: { tag: "too_large" } });
  });

  it("stops a stream that outgrows the limit", async () => {
    const { sent, streams } = open();
    const stream = streams.open(1);
    const piece = encodeFrame(FrameKind.Data, 1, new Uint8Array(1 << 20));
    for (let bytes = 0; bytes <= maxStreamBytes; bytes += 1 << 20) {
      streams.receive(piece);
    }
    await expect(stream.read(1)).rejects.toMatchObject({ wire: { tag: "too_large" } });
    expect(sent.filter(([kind]) => kind === FrameKind.Cancel)).toEqual([[FrameKind.Cancel, 1]]);
  });

  it("rejects everything when it is closed, and everything opened after", async () => {
    const { streams } = open();
    const before = streams.open(1);
    streams.close();
    await expect(before.read(1)).rejects.toMatchObject({ wire: { tag: "unreachable" } });
    await expect(streams.open(2).read(1)).rejects.toMatchObject({ wire: { tag: "unreachable" } });
  });

  it("closes on a breach of the protocol", async () => {
    const { streams } = open();
    const stream = streams.open(1);
    expect(() => streams.receive(encodeFrame(FrameKind.Hello, 1))).toThrow("unexpected frame");
    await expect(stream.read(1)).rejects.toMatchObject({ wire: { tag: "unreachable" } });
  });
});
