import { describe, expect, it } from "vitest";
import { createFrameReader, encodeFrame } from "../../../../client/src/server/bulkFrames.ts";
import { FrameKind, maxFramePayloadBytes } from "../../../../schemas/protocol/bulk.ts";

/** DATA on stream 7 with payload 1, 2, 3, byte by byte as PROTOCOL lays it out. */
const dataFrame = [3, 0, 0, 0, 2, 0, 0, 0, 7, 0, 0, 0, 1, 2, 3];
const endFrame = [0, 0, 0, 0, 3, 0, 0, 0, 7, 0, 0, 0];

function collect() {
  const events: unknown[] = [];
  const reader = createFrameReader({
    onData: (stream, piece) => events.push(["data", stream, ...piece]),
    onEnd: (stream) => events.push(["end", stream]),
    onError: (stream, json) => events.push(["error", stream, json]),
  });
  return { events, reader };
}

describe("createFrameReader", () => {
  it("reads frames that arrive together", () => {
    const { events, reader } = collect();
    reader.push(Uint8Array.from([...dataFrame, ...endFrame]));
    expect(events).toEqual([
      ["data", 7, 1, 2, 3],
      ["end", 7],
    ]);
  });

  it("reads frames that are cut at every byte, handing on data as it comes", () => {
    const { events, reader } = collect();
    for (const byte of [...dataFrame, ...endFrame]) {
      reader.push(Uint8Array.of(byte));
    }
    expect(events).toEqual([
      ["data", 7, 1],
      ["data", 7, 2],
      ["data", 7, 3],
      ["end", 7],
    ]);
  });

  it("gathers an error whose text is cut inside a character", () => {
    const { events, reader } = collect();
    const frame = encodeFrame(FrameKind.Error, 9, new TextEncoder().encode('{"m":"µ"}'));
    const inside = frame.length - 3;
    reader.push(frame.subarray(0, inside));
    reader.push(frame.subarray(inside));
    expect(events).toEqual([["error", 9, '{"m":"µ"}']]);
  });

  it("skips an empty data frame", () => {
    const { events, reader } = collect();
    reader.push(Uint8Array.from([0, 0, 0, 0, 2, 0, 0, 0, 7, 0, 0, 0, ...endFrame]));
    expect(events).toEqual([["end", 7]]);
  });

  it("refuses a frame that no server sends", () => {
    expect(() => collect().reader.push(encodeFrame(FrameKind.Hello, 0))).toThrow(
      "unexpected frame on the bulk channel: 1",
    );
  });

  it("refuses a payload longer than a frame may have, before any of it comes", () => {
    const header = encodeFrame(FrameKind.Data, 1);
    new DataView(header.buffer).setUint32(0, maxFramePayloadBytes + 1, true);
    expect(() => collect().reader.push(header)).toThrow("too long: 1048577 bytes (at most 1048576)");
  });
});

describe("encodeFrame", () => {
  it("lays out length, kind, zeros, stream, payload", () => {
    expect([...encodeFrame(FrameKind.Data, 7, Uint8Array.of(1, 2, 3))]).toEqual(dataFrame);
  });
});
