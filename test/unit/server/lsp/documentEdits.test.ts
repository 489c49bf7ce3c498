/** Completion and quick fixes as an editor sees them. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CodeAction, CompletionItem, TextEdit } from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import { scaleText, volumeText } from "../lint/volumeText.ts";
import { at, type Editor, openEditor, positionOf, uri } from "./inMemoryEditor.ts";

let editor: Editor;

beforeEach(async () => {
  editor = await openEditor();
});
afterEach(() => editor.dispose());

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
