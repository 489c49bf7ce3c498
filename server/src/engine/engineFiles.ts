/** `engine.files`, made of an engine's stores and compressors and of this machine's file system. */
import { UnsupportedError } from "../errors.ts";
import { createFiles } from "../files/createFiles.ts";
import type { Files } from "../files/files.ts";
import { defaultFileLimits, type FileLimits } from "../files/limits.ts";
import type { Location } from "../storage/location.ts";
import type { Store } from "../storage/store.ts";
import { createLocalFiles } from "./localFiles.ts";
import type { ParseHere } from "./parseHere.ts";
import type { Toolbox } from "./readers.ts";

export function createEngineFiles(
  { decompress, loadByteCodec, byteCodecs }: Pick<Toolbox, "decompress" | "loadByteCodec" | "byteCodecs">,
  { parse, openStore }: { readonly parse: ParseHere; readonly openStore: (location: Location) => Store },
  limits: Partial<FileLimits> = {},
): Files {
  return createFiles({
    parse: (text) => parse(text, { isObject: true }),
    openStore,
    compression: {
      decompress,
      async compress(bytes, encoding, { signal, level }) {
        const { compress } = await loadByteCodec(encoding);
        if (compress === undefined) {
          throw new UnsupportedError(`compression "${encoding}" can only be read`);
        }
        return compress(bytes, { signal, ...(level !== undefined && { level }) });
      },
    },
    localFiles: createLocalFiles(byteCodecs),
    limits: { ...defaultFileLimits, ...limits },
  });
}
