import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planFieldEdits } from "../../../../client/src/editors/jsonEdits.ts";
import { applyChange } from "../../../../client/src/editors/textChanges.ts";
import type { FieldEdit } from "../../../../schemas/messages/infoEditor.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const key = fc.constantFrom("a", "b", "scales", "size", 'q"', "");
const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom<Json>(null, true, 0, -1.5, "x", 'y"\n', 1e21),
    fc.array(tie("json"), { maxLength: 3 }),
    fc.dictionary(key, tie("json"), { maxKeys: 4, noNullPrototype: true }),
  ),
}));
const layout = fc.constantFrom<(value: Json) => string>(
  (value) => JSON.stringify(value),
  (value) => JSON.stringify(value, null, 2),
  (value) => JSON.stringify(value, null, "\t").replaceAll("\n", "\r\n"),
  (value) => ` ${JSON.stringify(value)}\n`,
);
/** Numbers that say which entry of the value under way an edit goes to. */
const turns = fc.array(fc.nat(6), { minLength: 1, maxLength: 4 });
const step = fc.record({ turns, source: fc.option(json, { nil: undefined }), isInsertion: fc.boolean() });

/** The edit that a step means for `root`, made on `root` too; undefined where it means none. */
function makeEdit(
  root: Json,
  { turns: [...rest], source, isInsertion }: typeof step extends fc.Arbitrary<infer T> ? T : never,
): FieldEdit | undefined {
  const path: (string | number)[] = [];
  let parent: Json = root;
  for (;;) {
    const turn = rest.shift() ?? 0;
    if (typeof parent !== "object" || parent === null) {
      return undefined;
    }
    const keys: readonly (string | number)[] = Array.isArray(parent)
      ? [...parent.keys(), parent.length]
      : [...Object.keys(parent), "added"];
    const segment = keys[turn % keys.length] ?? 0;
    path.push(segment);
    const child: Json | undefined = (parent as Record<string | number, Json>)[segment];
    if (rest.length === 0 || typeof child !== "object" || child === null) {
      return editAt(parent, path, { source, isInsertion });
    }
    parent = child;
  }
}

function editAt(
  parent: Json[] | { [key: string]: Json },
  path: readonly (string | number)[],
  { source, isInsertion }: { readonly source: Json | undefined; readonly isInsertion: boolean },
): FieldEdit | undefined {
  const segment = path.at(-1) ?? 0;
  const isThere = Object.hasOwn(parent, segment);
  if (source === undefined) {
    if (isThere && Array.isArray(parent)) {
      parent.splice(Number(segment), 1);
    } else if (isThere) {
      delete (parent as Record<string, Json>)[segment];
    }
    return isThere ? { path } : undefined;
  }
  if (Array.isArray(parent)) {
    parent.splice(Number(segment), isInsertion ? 0 : 1, source);
    return { path, json: JSON.stringify(source), ...(isInsertion ? { insert: true } : {}) };
  }
  parent[segment] = source;
  return { path, json: JSON.stringify(source) };
}

describe("edits of any document", () => {
  it("mean what the same change of the value means, in every layout", () => {
    fc.assert(
      fc.property(json, layout, fc.array(step, { minLength: 1, maxLength: 4 }), (value, print, steps) => {
        const expected = structuredClone(value);
        const text = print(value);
        const edits = steps.flatMap((each) => makeEdit(expected, structuredClone(each)) ?? []);
        const changes = planFieldEdits(text, edits);
        expect(JSON.parse([...changes].reverse().reduce(applyChange, text))).toEqual(expected);
        expect(changes.every(({ offset }, at) => at === 0 || offset > (changes[at - 1]?.offset ?? 0))).toBe(true);
      }),
      { numRuns: 400, seed: 20_240_601 },
    );
  });
});
