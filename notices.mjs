/** Licences of the packages whose code or assets are inside the bundles, as one text to ship with them. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

/** What the bundler does not see: copied assets, and the run-time library that the kernels are compiled with. */
const unseen = ["@vscode/codicons", "assemblyscript"];

/**
 * Writes `out/ThirdPartyNotices.txt`.
 * @param {string} root Root of the repository.
 * @param {readonly { inputs: Readonly<Record<string, unknown>> }[]} metafiles What esbuild bundled.
 */
export function writeNotices(root, metafiles) {
  const inputs = metafiles.flatMap((metafile) => Object.keys(metafile.inputs));
  const names = [...new Set([...unseen, ...inputs.flatMap(packageOf)])].sort();
  const parts = names.map((name) => noticeOf(path.join(root, "node_modules", name), name));
  const head = "CloudVolume contains code or assets of the packages below, under the licences that follow each name.\n";
  mkdirSync(path.join(root, "out"), { recursive: true });
  writeFileSync(path.join(root, "out/ThirdPartyNotices.txt"), [head, ...parts].join(`\n${"-".repeat(80)}\n\n`));
}

/**
 * The package that a bundled file belongs to, with the folders above it if it is nested; nothing for our own files.
 * @param {string} input
 * @returns {string[]}
 */
function packageOf(input) {
  const match = /^(?:.*?)node_modules\/((?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+)/.exec(input);
  return match?.[1] === undefined ? [] : [match[1]];
}

/**
 * @param {string} directory
 * @param {string} name
 */
function noticeOf(directory, name) {
  const { version, license } = JSON.parse(readFileSync(path.join(directory, "package.json"), "utf8"));
  const file = readdirSync(directory).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  const text = file === undefined ? `Licence: ${license}` : readFileSync(path.join(directory, file), "utf8").trim();
  const notice = path.join(directory, "NOTICE");
  const extra = existsSync(notice) ? `\n\n${readFileSync(notice, "utf8").trim()}` : "";
  return `${name} ${version} (${license})\n\n${text}${extra}\n`;
}
