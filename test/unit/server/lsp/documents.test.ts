/** The document features as an editor sees them: diagnostics, settings, hovers, the outline, malformed requests. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  DiagnosticSeverity,
  type DocumentSymbol,
  type Hover,
  type MarkupContent,
  type PublishDiagnosticsParams,
} from "vscode-languageserver";
import { scaleText, volumeText } from "../lint/volumeText.ts";
import { at, type Editor, openEditor, rulesPage, uri } from "./inMemoryEditor.ts";

let editor: Editor;

beforeEach(async () => {
  editor = await openEditor();
});
afterEach(() => editor.dispose());

const codes = ({ diagnostics }: PublishDiagnosticsParams) => diagnostics.map(({ code }) => code);

describe("diagnostics", () => {
  const broken = volumeText({ num_channels: "-1" });

  it("come when a document is opened, at the value, with a link to the rule", async () => {
    editor.open(broken);
    expect(await editor.nextDiagnostics()).toEqual({
      uri,
      version: 1,
      diagnostics: [
        {
          range: { start: { line: 3, character: 18 }, end: { line: 3, character: 20 } },
          severity: DiagnosticSeverity.Error,
          code: "PCV052",
          codeDescription: { href: `${rulesPage}#pcv052` },
          source: "cloudvolume",
          message: '"num_channels" needs a positive integer: -1',
          data: { path: ["num_channels"] },
        },
      ],
    });
  });

  it("follow changes, and only the latest version counts", async () => {
    editor.open(broken);
    expect(codes(await editor.nextDiagnostics())).toEqual(["PCV052"]);
    const range = { start: { line: 3, character: 18 }, end: { line: 3, character: 20 } };
    editor.change(2, "0", range);
    editor.change(3, "", { start: range.start, end: { line: 3, character: 19 } });
    editor.change(4, "1", { start: range.start, end: range.start });
    expect(await editor.nextDiagnostics()).toEqual({ uri, version: 4, diagnostics: [] });
    expect(editor.pushed).toEqual([]);
  });

  it("go on while the JSON is broken, and the document stays a volume", async () => {
    editor.open(volumeText());
    expect(codes(await editor.nextDiagnostics())).toEqual([]);
    editor.change(2, '{ "num_channels": -1,');
    expect(codes(await editor.nextDiagnostics())).toEqual(expect.arrayContaining(["PCV001", "PCV052"]));
  });

  it("count columns in UTF-16", async () => {
    editor.open('{ "😀": 1, "type": "image", "data_type": "unit8", "num_channels": 1, "scales": [] }');
    const { diagnostics } = await editor.nextDiagnostics();
    expect(diagnostics.find(({ code }) => code === "PCV053")?.range.start).toEqual({ line: 0, character: 41 });
  });

  it("are taken back when the document is closed", async () => {
    editor.open(broken);
    await editor.nextDiagnostics();
    editor.close();
    expect(await editor.nextDiagnostics()).toEqual({ uri, diagnostics: [] });
  });

  it("leave a file alone that merely happens to be called info", async () => {
    editor.open("This is info, produced by makeinfo.");
    expect(codes(await editor.nextDiagnostics())).toEqual([]);
  });

  it("come for documents of another name that are ours by content", async () => {
    editor.open(broken, "untitled:Untitled-1");
    expect(codes(await editor.nextDiagnostics())).toEqual(["PCV052"]);
  });
});

describe("settings", () => {
  it("change severities and targets of open documents", async () => {
    editor.open(volumeText({ num_channels: "-1", mesh: '""' }));
    expect(codes(await editor.nextDiagnostics())).toEqual(["PCV052", "PCV036"]);
    await editor.client.sendNotification("workspace/didChangeConfiguration", {
      settings: { cloudvolume: { lint: { rules: { PCV052: "off", PCV042: "warning" }, targets: ["cloudvolume"] } } },
    });
    const { diagnostics } = await editor.nextDiagnostics();
    expect(diagnostics.map(({ code, severity }) => [code, severity])).toEqual([
      ["PCV042", DiagnosticSeverity.Warning],
      ["PCV036", DiagnosticSeverity.Hint],
    ]);
  });

  it.each([null, undefined, 5, { cloudvolume: 7 }, { other: {} }])(
    "of the wrong shape do no harm: %j",
    async (settings) => {
      editor.open(volumeText({ num_channels: "-1" }));
      await editor.nextDiagnostics();
      await editor.client.sendNotification("workspace/didChangeConfiguration", { settings });
      editor.change(2, volumeText({ num_channels: "-2" }));
      let latest = await editor.nextDiagnostics();
      while (latest.version !== 2) {
        latest = await editor.nextDiagnostics();
      }
      expect(codes(latest)).toEqual(["PCV052"]);
    },
  );

  it("that are wrong are told in the log", async () => {
    editor.features.capabilities({ rules: { PCV001: "fatal" } });
    await editor.client.sendRequest("textDocument/hover", at("x", "x"));
    expect(editor.logged.join()).toContain('unknown severity of "PCV001"');
  });
});

describe("hover", () => {
  const text = volumeText({}, [scaleText({ encoding: '"jpeg"' })]);
  const hover = async (part: string, plus = 1): Promise<string | undefined> => {
    editor.open(text);
    const found: Hover | null = await editor.client.sendRequest("textDocument/hover", at(text, part, plus));
    return found === null ? undefined : (found.contents as MarkupContent).value;
  };

  it.each([
    ['"type"', "What the voxels mean"],
    ['"image"', "`image`: Intensities, one or more channels."],
    ['"encoding"', "How the voxels of a chunk become bytes."],
    ['"jpeg"', "`jpeg`: Lossy"],
    ['"size"', "1024 × 1024 × 512 voxels of 8 × 8 × 40 nm = 8.19 µm × 8.19 µm × 20.5 µm"],
    ['"size"', "512 MiB uncompressed"],
    ["[8, 8, 40]", "in **nanometres**"],
    ["64, 64, 64", "16 × 16 × 8 = 2,048 chunks of 64 × 64 × 64, 256 KiB each uncompressed"],
    ['"scales"', "from the finest (mip 0) to the coarsest"],
  ])("on %s says %s", async (part, expected) => {
    expect(await hover(part)).toContain(expected);
  });

  it("covers the key or the whole field", async () => {
    editor.open(text);
    const found: Hover | null = await editor.client.sendRequest("textDocument/hover", at(text, '"type"', 1));
    expect(found?.range).toEqual({ start: { line: 1, character: 2 }, end: { line: 1, character: 8 } });
  });

  it("has nothing to say of unknown keys, of other documents, or beyond the text", async () => {
    editor.open(volumeText({ colour: '"red"' }));
    const request = (params: unknown) => editor.client.sendRequest("textDocument/hover", params);
    expect(await request(at(volumeText({ colour: '"red"' }), '"red"', 1))).toBeNull();
    expect(await request({ textDocument: { uri: "file:///other" }, position: { line: 0, character: 0 } })).toBeNull();
    expect(await request({ textDocument: { uri }, position: { line: 999, character: 999 } })).toBeNull();
  });
});

describe("the outline", () => {
  it("shows the fields, and each scale in a line", async () => {
    editor.open(volumeText());
    const symbols: DocumentSymbol[] = await editor.client.sendRequest("textDocument/documentSymbol", {
      textDocument: { uri },
    });
    expect(symbols.map(({ name, detail }) => `${name} ${detail}`)).toEqual([
      'type "image"',
      'data_type "uint8"',
      "num_channels 1",
      "scales 1 items",
    ]);
    expect(symbols[3]?.children?.map(({ name, detail }) => `${name} | ${detail}`)).toEqual([
      "mip 0: 8_8_40 | 1024 × 1024 × 512, 8 × 8 × 40 nm, raw",
    ]);
  });
});

describe("malformed requests", () => {
  it.each([
    ["textDocument/hover", {}],
    ["textDocument/hover", { textDocument: { uri }, position: null }],
    ["textDocument/completion", { textDocument: null }],
    ["textDocument/codeAction", { textDocument: { uri } }],
    ["textDocument/codeAction", { textDocument: { uri }, range: {}, context: {} }],
    ["textDocument/documentSymbol", { textDocument: 7 }],
  ])("%s with %j gets nothing, and the server goes on", async (method, params) => {
    editor.open(volumeText());
    await editor.nextDiagnostics();
    expect(await editor.client.sendRequest(method, params)).toBeNull();
    const text = volumeText();
    expect(await editor.client.sendRequest("textDocument/hover", at(text, '"type"', 1))).not.toBeNull();
  });
});
