/** The import table of ARCHITECTURE.md as data: which layer a file belongs to, and what it may import beside itself. */

export interface Layer {
  readonly name: string;
  /** Files of the layer. A captured group, if any, makes each value of it a layer of its own (a driver, a format). */
  readonly files: RegExp;
  /** Layers that it may import. */
  readonly layers: readonly string[];
  /** `node:` modules that it may import; "all" = any. */
  readonly node?: "all" | readonly string[];
  /** Packages that it may import. */
  readonly packages?: readonly string[];
}

const contracts = ["base", "errors", "storage contract", "codec contract", "format contract"];

/** The first layer whose `files` match is the file's. */
export const layers: readonly Layer[] = [
  { name: "schemas", files: /^schemas\//, layers: [] },
  {
    name: "client",
    files: /^client\/src\//,
    layers: ["schemas"],
    node: "all",
    packages: ["vscode", "vscode-languageclient", "jsonc-parser"],
  },
  {
    name: "webview",
    files: /^webview\/src\//,
    layers: ["schemas"],
    packages: ["@vscode-elements/elements", "jsonc-parser"],
  },

  { name: "errors", files: /^server\/src\/errors\.ts$/, layers: ["schemas"] },
  { name: "base", files: /^server\/src\/base\//, layers: ["errors"] },
  {
    name: "credentials",
    files: /^server\/src\/storage\/credentials\//,
    layers: ["storage contract", "base", "errors"],
    node: "all",
  },
  {
    name: "web client",
    files: /^server\/src\/storage\/web\//,
    layers: ["storage contract", "base", "errors"],
    node: "all",
    packages: ["undici"],
  },
  {
    name: "storage driver",
    files: /^server\/src\/storage\/(?!layers\/)([^/]+)\//,
    layers: ["storage contract", "web client", "credentials", "base", "errors"],
    node: "all",
    packages: ["@aws-sdk/client-s3", "@smithy/signature-v4", "google-auth-library", "undici"],
  },
  { name: "storage contract", files: /^server\/src\/storage\//, layers: ["base", "errors"] },
  {
    name: "codec contract",
    files: /^server\/src\/codecs\/bytes\/(?:byteCodec|decompress)\.ts$/,
    layers: ["base", "errors"],
  },
  {
    name: "byte codec",
    files: /^server\/src\/codecs\/bytes\//,
    layers: ["codec contract", "base", "errors", "storage contract"],
    node: ["node:zlib", "node:util"],
    packages: ["@foxglove/wasm-bz2", "@foxglove/wasm-zstd", "xz-decompress", "pako"],
  },
  {
    name: "chunk codec",
    files: /^server\/src\/codecs\/chunk\//,
    layers: ["codec contract", "byte codec", "base", "errors", "workers contract"],
    packages: ["@cornerstonejs/codec-libjpeg-turbo-8bit", "pako"],
  },
  {
    // Finds and loads the libraries that ship beside the code; the only door of codecs to the file system.
    name: "codec contract",
    files: /^server\/src\/codecs\/library\.ts$/,
    layers: ["errors"],
    node: ["node:fs", "node:module", "node:path", "node:url"],
  },
  { name: "codec contract", files: /^server\/src\/codecs\//, layers: ["base", "errors", "workers contract"] },
  {
    name: "format",
    files: /^server\/src\/formats\/([^/]+)\//,
    layers: [...contracts, "schemas"],
    packages: ["json5"],
  },
  {
    name: "format contract",
    files: /^server\/src\/formats\//,
    layers: ["base", "errors", "storage contract", "codec contract", "schemas"],
  },
  { name: "cache", files: /^server\/src\/cache\//, layers: ["base", "errors"] },
  { name: "workers contract", files: /^server\/src\/workers\/contract\.ts$/, layers: [...contracts, "volume"] },
  {
    name: "workers",
    files: /^server\/src\/workers\//,
    layers: ["workers contract", ...contracts, "schemas"],
    node: "all",
  },
  { name: "volume", files: /^server\/src\/volume\//, layers: [...contracts, "cache", "workers contract", "schemas"] },
  { name: "files", files: /^server\/src\/files\//, layers: ["base", "errors", "storage contract"] },
  {
    name: "engine composition",
    files: /^server\/src\/engine\/builtins\.ts$/,
    layers: [
      ...contracts,
      "credentials",
      "storage driver",
      "byte codec",
      "chunk codec",
      "format",
      "cache",
      "workers contract",
      "workers",
      "volume",
      "engine",
    ],
    node: "all",
  },
  {
    name: "engine",
    files: /^server\/src\/engine\//,
    layers: [
      ...contracts,
      "byte codec",
      "cache",
      "workers contract",
      "workers",
      "credentials",
      "volume",
      "files",
      "engine composition",
      "schemas",
    ],
    node: "all",
  },
  {
    name: "index",
    files: /^server\/src\/index\.ts$/,
    layers: [
      ...contracts,
      "workers contract",
      "credentials",
      "volume",
      "files",
      "engine",
      "engine composition",
      "schemas",
    ],
  },
  { name: "sample", files: /^server\/src\/sample\//, layers: ["index", "base", "errors"] },
  {
    name: "lint",
    files: /^server\/src\/lint\//,
    layers: ["schemas", "base", "errors", "format contract"],
    packages: ["jsonc-parser", "ajv"],
  },
  {
    name: "lsp",
    files: /^server\/src\/(lsp\/|main\.ts$)/,
    layers: ["index", "engine", "volume", "lint", "sample", "base", "errors", "schemas"],
    node: "all",
    packages: ["vscode-languageserver", "vscode-languageserver-textdocument", "jsonc-parser"],
  },
  {
    name: "cli",
    files: /^server\/src\/cli\//,
    layers: ["index", "lint", "sample", "base", "errors", "schemas"],
    node: "all",
    packages: ["commander"],
  },
];

export interface LayerOfFile extends Layer {
  /** Name with the captured group: "storage driver http". */
  readonly id: string;
}

/** The layer of a file; undefined for a file that the table does not know. */
export function layerOf(file: string): LayerOfFile | undefined {
  for (const layer of layers) {
    const match = layer.files.exec(file);
    if (match !== null) {
      return {
        ...layer,
        id: match[1] === undefined || layer.name === "lsp" ? layer.name : `${layer.name} ${match[1]}`,
      };
    }
  }
  return undefined;
}
