/** The manifest and client/src/contributions.ts say the same. */
import { existsSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { contributions } from "../../client/src/contributions.ts";
import { readSource, repository } from "./sources.ts";

interface Manifest {
  readonly icon: string;
  readonly contributes: {
    readonly commands: readonly { command: string }[];
    readonly viewsContainers: { readonly activitybar: readonly { id: string }[] };
    readonly views: Readonly<Record<string, readonly { id: string }[]>>;
    readonly customEditors: readonly { viewType: string }[];
    readonly configuration: Configuration | readonly Configuration[];
    readonly menus: Readonly<Record<string, readonly { command?: string }[]>>;
    readonly keybindings?: readonly { command: string }[];
    readonly walkthroughs?: readonly { id: string }[];
  };
}
interface Configuration {
  readonly properties: Readonly<Record<string, unknown>>;
}

const text = readSource("package.json");
const { contributes, icon } = JSON.parse(text) as Manifest;
const sorted = (ids: readonly string[]): string[] => [...ids].sort();

describe("package.json and the contributions table", () => {
  it("have the same commands", () => {
    expect(sorted(contributes.commands.map(({ command }) => command))).toEqual(sorted(contributions.commands));
  });

  it("have the same views, containers and custom editors", () => {
    const views = Object.values(contributes.views).flatMap((list) => list.map(({ id }) => id));
    expect(sorted(views)).toEqual(sorted(contributions.views));
    expect(contributes.viewsContainers.activitybar.map(({ id }) => id)).toEqual(contributions.viewContainers);
    expect(sorted(contributes.customEditors.map(({ viewType }) => viewType))).toEqual(
      sorted(contributions.customEditors),
    );
  });

  it("have the same settings", () => {
    const properties = [contributes.configuration]
      .flat()
      .flatMap((part) => Object.keys((part as Configuration).properties));
    expect(sorted(properties)).toEqual(sorted(contributions.settings));
  });

  it("name only commands that exist in menus and key bindings", () => {
    const used = [...Object.values(contributes.menus).flat(), ...(contributes.keybindings ?? [])].flatMap(
      ({ command }) => command ?? [],
    );
    const known = new Set<string>(contributions.commands);
    expect(used.length).toBeGreaterThan(0);
    expect(used.filter((command) => !known.has(command))).toEqual([]);
  });
});

describe("package.json", () => {
  it("names files that are there", () => {
    const files = [icon, ...[...text.matchAll(/"(?:\.\/)?(media\/[^"]+)"/g)].map((match) => match[1] ?? "")];
    expect(files.filter((file) => !existsSync(path.join(repository, file)))).toEqual([]);
  });

  it("finds every %text% in package.nls.json, and uses every text there", () => {
    const used = new Set([...text.matchAll(/"%([^"%]+)%"/g)].map((match) => match[1] ?? ""));
    const texts = existsSync(path.join(repository, "package.nls.json"))
      ? JSON.parse(readSource("package.nls.json"))
      : {};
    expect(sorted([...used])).toEqual(sorted(Object.keys(texts)));
  });
});
