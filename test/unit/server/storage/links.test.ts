import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { isVolumeError } from "../../../../server/src/errors.ts";
import { parseLocation } from "../../../../server/src/storage/parseLocation.ts";

const table = path.resolve(import.meta.dirname, "../../../../../shared/data/links.txt");
const isThere = existsSync(table);
if (!isThere) {
  console.warn("skipped: the table of links as people paste them is not here");
}

test.runIf(!isThere && process.env.CI !== undefined)("the table of links is there", () => {
  expect(isThere).toBe(true);
});

interface Row {
  readonly text: string;
  readonly scheme: string;
  readonly authority: string;
  readonly key: string;
  readonly format: string;
}

const rows: Row[] = isThere
  ? readFileSync(table, "utf8")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => {
        const [text = "", scheme = "", authority = "", key = "", format = ""] = line.split("\t");
        return { text, scheme, authority, key, format };
      })
  : [];

/** Rows that are understood and refused, with the tag and a part of what the message or hint says. */
const refused: readonly (readonly [start: string, tag: string, says: string])[] = [
  ["vscode-remote://", "unsupported", `open "/data/layer"`],
  ["brainmaps://", "unsupported", `unknown format "brainmaps"`],
  ["dvid://", "unsupported", `unknown format "dvid"`],
  ["nifti://", "unsupported", `unknown format "nifti"`],
  ["gs://bucket/path/a.zip|zip:", "unsupported", "container"],
  ["s3://bucket/path/db.ocdbt/|ocdbt:", "unsupported", "container"],
  ["s3://bucket/repo/|icechunk:", "unsupported", "container"],
  ["gs+ngauth+https://", "unsupported", `open "gs://bucket/path/"`],
  [
    "https://neuroglancer-demo.appspot.com/#!{'layers",
    "invalid_location",
    "precomputed://https://s3.us-east-2.amazonaws.com/meg",
  ],
  [
    "https://neuroglancer-demo.appspot.com/#!%7B%22layers%22:%5B%7B%22type%22:%22image",
    "invalid_location",
    "ng/snemi_seg",
  ],
  [
    "https://neuroglancer-demo.appspot.com/#!%7B%22layers%22:%5B%7B%22type%22:%22seg",
    "invalid_location",
    "gs://h01-release",
  ],
  ["https://fafb-dot-neuroglancer", "invalid_location", "viewer's state"],
  ["https://hemibrain-dot-neuroglancer", "invalid_location", "viewer's state"],
  ["https://spelunker.cave-explorer.org", "invalid_location", "viewer's state"],
];

/** Spellings of ours where the table describes something else than the parts of a location. */
const aliasHosts: Readonly<Record<string, string>> = {
  matrix: "s3-hpcrc.rc.princeton.edu",
  tigerdata: "td.princeton.edu",
};

function expectedParts(row: Row): { scheme: string; place: string; format: string | undefined } {
  const named = /zarr v([23])/.exec(row.format)?.[1];
  const isWhatItHolds = row.format === "precomputed (skeleton directory)"; // not what the text says
  const format = isWhatItHolds ? undefined : /^(precomputed|n5|zarr|graphene|boss)/.exec(row.format)?.[1];
  const host = aliasHosts[row.scheme];
  const key = row.key
    .replace(/\/+$/, "")
    .replace(/(^|\/)info$/, "")
    .replace(/^\.\//, "/base/");
  const schemes: Record<string, string> = {
    "s3 (custom endpoint)": "s3",
    "s3+https": "s3",
    boss: "https",
    matrix: "s3",
    tigerdata: "s3",
  };
  return {
    scheme: schemes[row.scheme] ?? row.scheme,
    place: [host, row.authority, key].filter((part) => part !== undefined && part !== "").join("/"),
    format: named === undefined ? format : `zarr${named}`,
  };
}

describe.runIf(isThere)("a link as people type or paste it", () => {
  test("the table has rows", () => {
    expect(rows.length).toBeGreaterThan(60);
  });

  test.each(rows.filter((row) => refused.some(([start]) => row.text.startsWith(start))))(
    "is refused with help: $text",
    (row) => {
      const [, tag, says = ""] = refused.find(([start]) => row.text.startsWith(start)) ?? [];
      let error: unknown;
      try {
        parseLocation(row.text, { baseDirectory: "/base" });
      } catch (thrown) {
        error = thrown;
      }
      expect(isVolumeError(error) && error.tag).toBe(tag);
      const { message, fields } = error as Error & { fields: { hint: string } };
      expect(`${message} ${fields.hint}`).toContain(says);
      expect(message).toContain("gs://bucket/path");
    },
  );

  test.each(rows.filter((row) => !refused.some(([start]) => row.text.startsWith(start))))(
    "is read as the table says: $text",
    (row) => {
      const location = parseLocation(row.text, { baseDirectory: "/base" });
      const { scheme, place, format } = expectedParts(row);
      const endpoint = location.endpoint?.replace(/^https?:\/\//, "");
      expect(location.scheme).toBe(scheme);
      expect(
        [endpoint, location.authority, location.path]
          .filter((part) => part)
          .join("/")
          .replace(/^\/\/?(?=server)/, ""),
      ).toBe(place);
      expect(location.format).toBe(format);
      expect(parseLocation(location.text)).toEqual({ ...location, ...(location.query && { query: undefined }) });
    },
  );
});
