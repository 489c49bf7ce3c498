/** The document features as an editor sees them: through the protocol, over a pair of streams. */
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type CodeAction,
  type CompletionItem,
  DiagnosticSeverity,
  type DocumentSymbol,
  type Hover,
  type MarkupContent,
  type PublishDiagnosticsParams,
  type Range,
  TextDocumentSyncKind,
  TextDocuments,
  type TextEdit,
} from "vscode-languageserver";
import {
  createConnection,
  createProtocolConnection,
  ProposedFeatures,
  type ProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-languageserver/node";
import { TextDocument } from "vscode-languageserver-textdocument";
import { type DocumentFeatures, registerDocumentFeatures } from "../../../../server/src/lsp/documents.ts";
import { scaleText, volumeText } from "../lint/volumeText.ts";

const uri = "file:///layer/info";
const rulesPage = "https://example.org/rules.md";

interface Editor {
  readonly client: ProtocolConnection;
  readonly logged: string[];
  open(text: string, at?: string): void;
  /** Replaces the text as one incremental change of a range, or as a whole. */
  change(version: number, text: string, range?: Range): void;
  close(): void;
  /** The next diagnostics that the server pushes. */
  nextDiagnostics(): Promise<PublishDiagnosticsParams>;
  /** Everything that was pushed and not yet taken. */
  readonly pushed: PublishDiagnosticsParams[];
}

let editor: Editor;
let features: DocumentFeatures;
let dispose: () => void;

beforeEach(async () => {
  const toServer = new PassThrough();
  const toClient = new PassThrough();
  const server = createConnection(
    ProposedFeatures.all,
    new StreamMessageReader(toServer),
    new StreamMessageWriter(toClient),
  );
  const documents = new TextDocuments(TextDocument);
  features = registerDocumentFeatures(server, documents, { debounceMs: 20, rulesPage });
  server.onInitialize((params) => ({
    capabilities: {
      textDocumentSync: TextDocumentSyncKind.Incremental,
      ...features.capabilities(params.initializationOptions),
    },
  }));
  documents.listen(server);
  server.listen();

  const client = createProtocolConnection(new StreamMessageReader(toClient), new StreamMessageWriter(toServer));
  editor = createEditor(client);
  client.listen();
  await client.sendRequest("initialize", {
    processId: null,
    rootUri: null,
    capabilities: {},
    initializationOptions: {},
  });
  await client.sendNotification("initialized", {});
  dispose = () => {
    features.dispose();
    client.dispose();
    server.dispose();
    toServer.destroy();
    toClient.destroy();
  };
});

afterEach(() => dispose());

function createEditor(client: ProtocolConnection): Editor {
  const pushed: PublishDiagnosticsParams[] = [];
  const waiting: ((params: PublishDiagnosticsParams) => void)[] = [];
  const logged: string[] = [];
  client.onNotification("textDocument/publishDiagnostics", (params: PublishDiagnosticsParams) => {
    const taker = waiting.shift();
    taker === undefined ? pushed.push(params) : taker(params);
  });
  client.onNotification("window/logMessage", ({ message }: { message: string }) => void logged.push(message));
  return {
    client,
    logged,
    pushed,
    open(text, at = uri) {
      void client.sendNotification("textDocument/didOpen", {
        textDocument: { uri: at, languageId: "json", version: 1, text },
      });
    },
    change(version, text, range) {
      const contentChanges = [range === undefined ? { text } : { text, range }];
      void client.sendNotification("textDocument/didChange", { textDocument: { uri, version }, contentChanges });
    },
    close() {
      void client.sendNotification("textDocument/didClose", { textDocument: { uri } });
    },
    nextDiagnostics() {
      const first = pushed.shift();
      return first ? Promise.resolve(first) : new Promise((resolve) => waiting.push(resolve));
    },
  };
}

/** The position of `part` in the text, and so many characters on. */
function positionOf(text: string, part: string, plus = 0) {
  expect(text).toContain(part);
  return TextDocument.create(uri, "json", 0, text).positionAt(text.indexOf(part) + plus);
}

const at = (text: string, part: string, plus = 0) => ({
  textDocument: { uri },
  position: positionOf(text, part, plus),
});
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
    features.capabilities({ rules: { PCV001: "fatal" } });
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

describe("completion", () => {
  const complete = async (text: string): Promise<readonly { label: string; after: string }[]> => {
    const whole = text.replace("|", "");
    editor.open(whole);
    const items: CompletionItem[] = await editor.client.sendRequest("textDocument/completion", at(text, "|"));
    const document = TextDocument.create(uri, "json", 1, whole);
    return items.map(({ label, textEdit }) => ({
      label,
      after: TextDocument.applyEdits(document, [textEdit as TextEdit]),
    }));
  };
  const head = '{"type": "image", "scales": [';

  it("offers the names of an enumeration for a value", async () => {
    const items = await complete(`${head}{"encoding": "r|"}]}`);
    expect(items.map(({ label }) => label).slice(0, 3)).toEqual(["raw", "jpeg", "png"]);
    expect(items[0]?.after).toBe(`${head}{"encoding": "raw"}]}`);
  });

  it.each([
    `${head}{"encoding": |}]}`,
    `${head}{"encoding":|}]}`,
    `${head}{"encoding": jp|}]}`,
    `${head}{"encoding": "jp|"}]}`,
  ])("puts a value in its place: %s", async (text) => {
    const [before] = text.split("|");
    const space = before?.endsWith(":") ? "" : " ";
    expect((await complete(text)).find(({ label }) => label === "jpeg")?.after).toBe(
      `${head}{"encoding":${space}"jpeg"}]}`,
    );
  });

  it("offers a value before a field on the next line", async () => {
    const items = await complete(`${head}{"encoding": |\n"key": "a"}]}`);
    expect(items.find(({ label }) => label === "png")?.after).toBe(`${head}{"encoding": "png"\n"key": "a"}]}`);
  });

  it("offers keys that are not there yet, with a value to begin with", async () => {
    const items = await complete(`${head}{"key": "a", "vox|"}]}`);
    const labels = items.map(({ label }) => label);
    expect(labels).not.toContain("key");
    expect(items.find(({ label }) => label === "voxel_offset")?.after).toBe(
      `${head}{"key": "a", "voxel_offset": [0, 0, 0]}]}`,
    );
  });

  it("adds the commas that a key needs towards its neighbours", async () => {
    const items = await complete(`${head}{"key": "a" | "size": [1, 1, 1]}]}`);
    expect(items.find(({ label }) => label === "encoding")?.after).toBe(
      `${head}{"key": "a" , "encoding": "raw",  "size": [1, 1, 1]}]}`,
    );
  });

  it("replaces only the key of a field that has its value", async () => {
    const items = await complete(`${head}{"enc|": "raw"}]}`);
    expect(items.find(({ label }) => label === "encoding")?.after).toBe(`${head}{"encoding": "raw"}]}`);
  });

  it("offers the keys of a graphene document to those alone", async () => {
    expect((await complete('{"type": "image", "scales": [], |}')).map(({ label }) => label)).not.toContain("graph");
  });

  it("offers nothing in documents that are not ours", async () => {
    editor.open('{"a": 1}');
    expect(await editor.client.sendRequest("textDocument/completion", at('{"a": 1}', "1"))).toBeNull();
  });
});

describe("code actions", () => {
  const request = (text: string, part: string, only?: readonly string[]): Promise<CodeAction[] | null> => {
    const start = positionOf(text, part);
    return editor.client.sendRequest("textDocument/codeAction", {
      textDocument: { uri },
      range: { start, end: start },
      context: { diagnostics: [], ...(only && { only }) },
    });
  };
  const apply = (text: string, action: CodeAction | undefined) =>
    TextDocument.applyEdits(TextDocument.create(uri, "json", 1, text), action?.edit?.changes?.[uri] ?? []);

  it("fix the finding at the place, with its diagnostic", async () => {
    const text = volumeText({}, [scaleText({ chunk_sizes: "[64, 64, 64]" })]);
    editor.open(text);
    const actions = await request(text, "[64, 64, 64]");
    expect(actions?.map(({ title, kind, isPreferred }) => ({ title, kind, isPreferred }))).toEqual([
      { title: "Wrap in a list", kind: "quickfix", isPreferred: true },
    ]);
    expect(actions?.[0]?.diagnostics?.[0]?.code).toBe("PCV005");
    expect(apply(text, actions?.[0])).toBe(volumeText({}, [scaleText({ chunk_sizes: "[[64, 64, 64]]" })]));
  });

  it("fix all findings of the rule", async () => {
    const scales = [
      scaleText({ voxel_offset: undefined }),
      scaleText({ key: '"b"', resolution: "[16, 16, 40]", voxel_offset: undefined }),
    ];
    const text = volumeText({}, scales);
    editor.open(text);
    const actions = await request(text, scales[0] ?? "");
    const all = actions?.find(({ title }) => title === "Fix all 2 problems of PCV009");
    expect(apply(text, all).match(/"voxel_offset": \[0, 0, 0\]/g)).toHaveLength(2);
  });

  it("fix all that is safe at once, and nothing that needs a decision", async () => {
    const text = volumeText({ data_type: '"unit8"' }, [
      scaleText({ voxel_offset: undefined, sharding: "null", size: "[64.5, 64, 64]" }),
    ]).replace('"scales"', '// all\n  "scales"');
    editor.open(text);
    const actions = await request(text, "{", ["source.fixAll"]);
    expect(actions?.map(({ kind }) => kind)).toEqual(["source.fixAll.cloudvolume"]);
    const after = apply(text, actions?.[0]);
    expect(JSON.parse(after)).toMatchObject({
      data_type: "unit8",
      scales: [{ size: [64.5, 64, 64], voxel_offset: [0, 0, 0] }],
    });
    expect(after).not.toContain("sharding");
  });

  it("are none where there is nothing to fix, or another kind is asked for", async () => {
    const text = volumeText();
    editor.open(text);
    expect(await request(text, '"raw"')).toEqual([]);
    expect(await request(text, '"raw"', ["refactor"])).toEqual([]);
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
