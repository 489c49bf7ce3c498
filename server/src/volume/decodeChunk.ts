/** One chunk, dense, out of a workspace and into memory of its own. */
import { product } from "../base/vec3.ts";
import type { ChunkDescription, DecodeTarget } from "../codecs/codec.ts";
import { fillBox } from "../codecs/target.ts";
import type { Workspace } from "../codecs/workspace.ts";

/**
 * Runs `decode` on a dense target of the whole chunk with voxels of `bytes` bytes; gives a copy of what it wrote. An empty chunk is
 * background.
 */
export function decodeInto(
  workspace: Workspace,
  { chunk, backgroundPattern }: { readonly chunk: ChunkDescription; readonly backgroundPattern: bigint },
  encoded: Uint8Array,
  bytes: 1 | 2 | 4 | 8,
  decode: (target: DecodeTarget) => void,
): Uint8Array {
  const rowBytes = chunk.size[0] * bytes;
  const planeBytes = chunk.size[1] * rowBytes;
  const totalBytes = product(chunk.size) * chunk.channels * bytes;
  const pointer = workspace.arena.allocate(totalBytes);
  if (encoded.byteLength === 0) {
    fillBox(workspace, pointer, totalBytes, bytes, backgroundPattern);
  } else {
    const channelBytes = chunk.size[2] * planeBytes;
    decode({ workspace, pointer, rowBytes, planeBytes, channelBytes, from: [0, 0, 0], to: chunk.size });
  }
  const voxels = new Uint8Array(totalBytes);
  voxels.set(workspace.view(pointer, totalBytes));
  return voxels;
}
