/** Licences of the packages whose code or assets are inside the bundles, as one text to ship with them. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

/** What the bundler does not see: copied assets, and the run-time library that the kernels are compiled with. */
const unseen = ["@vscode/codicons", "assemblyscript", "icodec", "@jsquash/jxl"];

/** Licences of what a package contains and does not name lie here, by the name of the package. */
const contained = "licences";

/**
 * Writes `out/ThirdPartyNotices.txt`.
 * @param {string} root Root of the repository.
 * @param {readonly { inputs: Readonly<Record<string, unknown>> }[]} metafiles What esbuild bundled.
 */
export function writeNotices(root, metafiles) {
  const inputs = metafiles.flatMap((metafile) => Object.keys(metafile.inputs));
  const names = [...new Set([...unseen, ...inputs.flatMap(packageOf)])].sort();
  const parts = names.map((name) => noticeOf(root, name));
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
 * @param {string} root
 * @param {string} name
 */
function noticeOf(root, name) {
  const directory = path.join(root, "node_modules", name);
  const { version, license } = JSON.parse(readFileSync(path.join(directory, "package.json"), "utf8"));
  const file = readdirSync(directory).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  const text = file === undefined ? `Licence: ${license}` : readFileSync(path.join(directory, file), "utf8").trim();
  const notice = path.join(directory, "NOTICE");
  const inside = path.join(root, contained, `${name}.txt`);
  const extras = [notice, inside].filter(existsSync).map((extra) => `\n\n${readFileSync(extra, "utf8").trim()}`);
  return `${name} ${version} (${license})\n\n${text}${extras.join("")}\n`;
}
