/** What is written is clean: no path of somebody's machine, no registry, no reference to what a reader cannot open. */
import { existsSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { findLines, isCode, listFiles, readSource, repository } from "./sources.ts";

const texts = listFiles(
  (file) => isCode(file) || /\.(md|json|css|html|sh|yml|yaml|py)$/.test(file) || file.startsWith(".ci/"),
);
const own = texts.filter((file) => file !== "package-lock.json" && !file.startsWith("test/tidy/"));
const documents = listFiles((file) => file.endsWith(".md"));

const linesWith = (files: readonly string[], pattern: RegExp): string[] =>
  files.flatMap((file) => findLines(file, pattern));

describe("texts", () => {
  it("are found", () => {
    expect(own.length).toBeGreaterThan(100);
  });

  it("name no path of a machine", () => {
    expect(
      linesWith(own, /(?<![\w.:/-])\/(?:work|farm|root|home\/(?!user\b|me\b|alice\b)[a-z]\w*)\/|\/tmp\/bash_jobs/),
    ).toEqual([]);
  });

  it("name no package registry", () => {
    expect(linesWith(own, /registry\.(npmjs|yarnpkg)|pypi\.org\/simple|\bartifactory\b/i)).toEqual([]);
  });

  it("leave no TODO without a link", () => {
    expect(linesWith(own.filter(isCode), /\b(?:TODO|FIXME|XXX|HACK)\b(?!.*https?:\/\/)/)).toEqual([]);
  });

  it("silence no checker without a reason", () => {
    // Kernels are AssemblyScript: the decorators that it inlines by are not TypeScript.
    const checked = own.filter((file) => isCode(file) && !file.startsWith("server/kernels/"));
    const silenced = linesWith(checked, /@ts-(?:ignore|nocheck)|eslint-disable|biome-ignore(?! [\w/]+: \S)/);
    expect(silenced).toEqual([]);
  });

  it("of documents point at nothing outside the repository's own files", () => {
    expect(linesWith(documents, /\bshared\//)).toEqual([]);
    expect(documents.flatMap(brokenLinks)).toEqual([]);
  });
});

interface LockedPackage {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

describe("the lock file", () => {
  it("has an entry for the optional packages of every platform, without which `npm ci` refuses it", () => {
    const { packages } = JSON.parse(readSource("package-lock.json")) as { packages: Record<string, LockedPackage> };
    const names = Object.values(packages).flatMap((locked) => Object.keys(locked.optionalDependencies ?? {}));
    const there = new Set(Object.keys(packages).map((key) => key.slice(key.lastIndexOf("node_modules/") + 13)));
    expect(names.length).toBeGreaterThan(20);
    expect(names.filter((name) => !there.has(name))).toEqual([]);
  });

  it("says where nothing comes from, so that any mirror serves", () => {
    expect(findLines("package-lock.json", /"resolved":/)).toEqual([]);
  });
});

/** Relative links of a document whose file is not there. */
function brokenLinks(document: string): string[] {
  const links = [...readSource(document).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? "");
  return links
    .filter((link) => !/^(?:[a-z]+:|#)/.test(link))
    .filter((link) => !existsSync(path.join(repository, path.dirname(document), link.replace(/#.*$/, ""))))
    .map((link) => `${document}: ${link}`);
}
