/** Content types of objects by their name. Differs from CloudFiles, which leaves most of them to its caller. */

const byExtension: Readonly<Record<string, string>> = {
  csv: "text/csv",
  gif: "image/gif",
  html: "text/html",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  json: "application/json",
  md: "text/markdown",
  pdf: "application/pdf",
  png: "image/png",
  svg: "image/svg+xml",
  tif: "image/tiff",
  tiff: "image/tiff",
  tsv: "text/tab-separated-values",
  txt: "text/plain",
  yaml: "application/yaml",
  yml: "application/yaml",
};
/** Metadata documents of volume formats. */
const jsonNames = ["info", "provenance", ".zarray", ".zattrs", ".zgroup", ".zmetadata"];

/** The content type of a key; `application/octet-stream` for what the name does not tell. */
export function contentTypeOf(key: string): string {
  const name = key.slice(key.lastIndexOf("/") + 1);
  const extension = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  if (jsonNames.includes(name)) {
    return "application/json";
  }
  return Object.hasOwn(byExtension, extension) ? (byExtension[extension] ?? "") : "application/octet-stream";
}
