/** What bounds file operations. */

export interface FileLimits {
  /** Objects up to this size are copied to local files whole; larger ones, and their contents for programs, go in parts of it. */
  readonly partBytes: number;
  /** Parts that are fetched ahead of their turn. */
  readonly partsAhead: number;
  /** Largest object that is held as a whole: for a target that takes no parts, and for its compression to change. */
  readonly maxWholeBytes: number;
  /** Bytes of objects that are held at once, in all; a larger object is held alone. */
  readonly heldBytes: number;
  /** Objects that are worked on at once, unless the caller says how many. */
  readonly concurrency: number;
}

export const defaultFileLimits: FileLimits = {
  partBytes: 8 * 2 ** 20,
  partsAhead: 3,
  maxWholeBytes: 2 ** 31,
  heldBytes: 256 * 2 ** 20,
  concurrency: 20,
};
