import { describe, expect, it } from "vitest";
import type { Problem } from "../../../../schemas/messages/infoEditor.ts";
import { readJson } from "../../../../webview/src/metadata/jsonDocument.ts";
import { linesOfTokens } from "../../../../webview/src/metadata/jsonLines.ts";
import { formatBytes, formatCount, formatLengths } from "../../../../webview/src/metadata/quantities.ts";
import { type EditorState, initialState, reduce } from "../../../../webview/src/metadata/state.ts";
import { anchorOf, type DocumentView, viewOf } from "../../../../webview/src/metadata/view.ts";

function stateOf(text: string, problems: readonly Problem[] = []): EditorState {
  const document = { text, version: 1, isReadOnly: false, location: "/data/layer" };
  const opened = reduce(initialState(null), { type: "documentChanged", document });
  return reduce(opened, { type: "problemsChanged", problems });
}

function volumeOf(text: string, problems: readonly Problem[] = []): Extract<DocumentView, { kind: "volume" }> {
  const view = viewOf(stateOf(text, problems));
  if (view.kind !== "volume") {
    throw new Error(`not a volume: ${view.kind}`);
  }
  return view;
}

function problemAt(...path: (string | number)[]): Problem {
  return { path, severity: "error", code: "PCV000", message: "wrong", line: 1, fixes: [] };
}

const volume = JSON.stringify({
  type: "segmentation",
  data_type: "uint64",
  num_channels: 2,
  scales: [
    {
      key: "8_8_40",
      size: [1024, 1000, 512],
      resolution: [8, 8, 40],
      voxel_offset: [0, 0, 0],
      chunk_sizes: [
        [64, 64, 64],
        [32, 32, 32],
      ],
      encoding: "compressed_segmentation",
      compressed_segmentation_block_size: [8, 8, 8],
      sharding: { shard_bits: 11, minishard_bits: 6, preshift_bits: 9 },
      hidden: true,
    },
  ],
  extra: { deep: [1] },
});

describe("the kind of a document", () => {
  it.each([
    [volume, "volume"],
    ['{"type":"image","scales":[]}', "volume"],
    ['{"type":"image","data_type":"uint8"}', "volume"],
    ['{"@type":"neuroglancer_multiscale_volume","scales":[]}', "volume"],
    ['{"@type":"neuroglancer_legacy_mesh","mip":2}', "other"],
    ['{"a":1}', "unrecognised"],
    ["[1]", "unrecognised"],
    ["", "unreadable"],
    ["oops", "unreadable"],
    ['{"type": "image", "scales": [', "volume"],
    ["[".repeat(1000), "unreadable"],
  ])("%s", (text, kind) => {
    expect(viewOf(stateOf(text)).kind).toBe(kind);
  });

  it("is loading before the first message", () => {
    expect(viewOf(initialState(undefined))).toEqual({ kind: "loading" });
  });
});

describe("a volume", () => {
  it("shows what follows from the fields of a scale", () => {
    expect(volumeOf(volume).scales[0]?.facts).toEqual({
      extent: "8.19 × 8 × 20.5 µm",
      chunkCount: "2,048",
      chunkBytes: "4 MiB",
      otherChunkSizes: 1,
      sharding: { isSharded: true, summary: "shard bits 11, minishard bits 6, preshift bits 9" },
    });
  });

  it("leaves out what does not follow from wrong fields", () => {
    const text = '{"scales":[{"size":[1,0,"a"],"resolution":[1,1],"chunk_sizes":[64,64,64]}]}';
    expect(volumeOf(text).scales[0]?.facts).toMatchObject({
      extent: undefined,
      chunkCount: undefined,
      chunkBytes: undefined,
    });
  });

  it("counts chunks beyond 2^53 exactly", () => {
    const text = '{"scales":[{"size":[4294967296,4294967296,3],"chunk_sizes":[[1,1,1]]}]}';
    expect(volumeOf(text).scales[0]?.facts.chunkCount).toBe("55,340,232,221,128,654,848");
  });

  it("shows the parameters of the encoding, and keeps what it does not know", () => {
    const view = volumeOf(volume);
    expect(view.scales[0]?.parameters.map(({ text }) => text)).toEqual(["8, 8, 8"]);
    expect(view.scales[0]?.extras).toEqual([{ key: "hidden", source: "true", path: ["scales", 0, "hidden"] }]);
    expect(view.extras).toEqual([{ key: "extra", source: '{"deep":[1]}', path: ["extra"] }]);
  });
});

describe("problems", () => {
  it("go to their field, to their scale, or stay loose", () => {
    const problems = [
      problemAt("type"),
      problemAt("scales", 0, "size", 1),
      problemAt("scales", 0),
      problemAt(),
      problemAt("scales"),
    ];
    const view = volumeOf(volume, problems);
    expect(view.fields.find(({ place }) => place.spec.key === "type")?.problems.map(({ index }) => index)).toEqual([0]);
    expect(view.scales[0]?.fields.size.problems.map(({ index }) => index)).toEqual([1]);
    expect(view.scales[0]?.problems.map(({ index }) => index)).toEqual([1, 2]);
    expect(view.looseProblems.map(({ index }) => index)).toEqual([3, 4]);
  });

  it("lead to the field, or to the scale", () => {
    const view = volumeOf(volume);
    expect(anchorOf(view, ["scales", 0, "chunk_sizes", 0, 2])).toBe("field-scales-0-chunk_sizes");
    expect(anchorOf(view, ["scales", 0])).toBe("field-scales-0-key");
    expect(anchorOf(view, ["data_type"])).toBe("field-data_type");
    expect(anchorOf(view, ["extra"])).toBeUndefined();
  });
});

describe("the state", () => {
  it("takes only what it knows of what an earlier page saved", () => {
    expect(initialState({ isJsonOpen: false, scrollTop: -5, areProblemsOpen: "no", x: 1 }).layout).toEqual({
      isJsonOpen: false,
      areProblemsOpen: true,
      scrollTop: 0,
    });
    expect(initialState("junk").layout.isJsonOpen).toBe(true);
  });

  it("reads a text again only when it changed", () => {
    const before = stateOf(volume);
    const after = reduce(before, {
      type: "documentChanged",
      document: { text: volume, version: 2, isReadOnly: false, location: "" },
    });
    expect(after.json).toBe(before.json);
    expect(after.document?.version).toBe(2);
  });

  it("shows a failure until something succeeds or it is dismissed", () => {
    const failed = reduce(stateOf(volume), { type: "requestFailed", message: "no" });
    expect(failed.notice).toBe("no");
    expect(reduce(failed, { type: "requestDone" }).notice).toBeUndefined();
    expect(reduce(failed, { type: "noticeDismissed" }).notice).toBeUndefined();
  });

  it("knows the place of the first syntax error", () => {
    expect(stateOf('{\r\n  "a": 1\r\n  "b": 2\r\n}').json?.syntaxProblem).toEqual({
      message: "expected a comma",
      line: 3,
      column: 3,
    });
  });
});

describe("words for quantities", () => {
  it("chooses units that suit", () => {
    expect(formatLengths([8, 8, 40])).toBe("8 × 8 × 40 nm");
    expect(formatLengths([1_500_000, 800, 20_480])).toBe("1.5 × 0.0008 × 0.0205 mm");
    expect(formatBytes(0n)).toBe("0 B");
    expect(formatBytes(1536n)).toBe("1.5 KiB");
    expect(formatBytes(1n << 70n)).toBe("1,024 EiB");
    expect(formatCount(1234567n)).toBe("1,234,567");
    expect(formatCount(12n)).toBe("12");
  });
});

describe("coloured lines", () => {
  it("are the text, line by line, keys apart from strings", () => {
    const text = '{\r\n "a": ["b", -1.50, true]\n}';
    const lines = linesOfTokens(readJson(text));
    expect(lines.map((line) => line.map((token) => token.text).join(""))).toEqual([
      "{",
      ' "a": ["b", -1.50, true]',
      "}",
    ]);
    expect(lines[1]?.filter(({ kind }) => kind !== "plain")).toEqual([
      { kind: "key", text: '"a"' },
      { kind: "string", text: '"b"' },
      { kind: "number", text: "-1.50" },
      { kind: "keyword", text: "true" },
    ]);
  });

  it("survive broken JSON", () => {
    const text = '{"a: 1\n"b" "c';
    expect(linesOfTokens(readJson(text)).map((line) => line.map((token) => token.text).join(""))).toEqual([
      '{"a: 1',
      '"b" "c',
    ]);
  });
});
