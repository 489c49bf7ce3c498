import { describe, expect, it } from "vitest";
import { readEditParams, readFixParams, readPathParams } from "../../../../client/src/editors/infoRequests.ts";

describe("requests of the form", () => {
  it("are taken as they are when they are sound, without what is not asked for", () => {
    expect(
      readEditParams({
        version: 3,
        label: "x",
        edits: [{ path: ["a", 0], json: "1", insert: true, more: 1 }, { path: [] }],
      }),
    ).toEqual({ version: 3, edits: [{ path: ["a", 0], json: "1", insert: true }, { path: [] }] });
    expect(readFixParams({ problem: 1, fix: 0, title: "t" })).toEqual({ problem: 1, fix: 0, title: "t" });
    expect(readPathParams({ path: ["scales", 2] })).toEqual(["scales", 2]);
  });

  it.each([
    ["params", () => readEditParams(null)],
    ["edits", () => readEditParams({ version: 1 })],
    ["edits", () => readEditParams({ version: 1, edits: Array.from({ length: 1001 }, () => ({ path: [] })) })],
    ["version", () => readEditParams({ version: "1", edits: [] })],
    ["params", () => readEditParams({ version: 1, edits: [7] })],
    ["json", () => readEditParams({ version: 1, edits: [{ path: [], json: 1 }] })],
    ["json", () => readEditParams({ version: 1, edits: [{ path: [], json: "1".repeat((1 << 20) + 1) }] })],
    ["insert", () => readEditParams({ version: 1, edits: [{ path: [], json: "1", insert: "yes" }] })],
    ["path", () => readEditParams({ version: 1, edits: [{ path: ["a", -1] }] })],
    ["path", () => readPathParams({ path: Array.from({ length: 33 }, () => "a") })],
    ["path", () => readPathParams({ path: [{}] })],
    ["title", () => readFixParams({ problem: 0, fix: 0 })],
    ["fix", () => readFixParams({ problem: 0, fix: 0.5, title: "t" })],
  ])("are refused when malformed: %s", (name, read) => {
    expect(read).toThrow(
      expect.objectContaining({
        wire: { tag: "invalid_argument", message: `malformed message from the form: "${name}"` },
      }),
    );
  });
});
