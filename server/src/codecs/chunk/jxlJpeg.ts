/** A JPEG file taken apart: what JPEG XL keeps of it. */

/** A component and its quantised coefficients. */
export interface JpegComponent {
  readonly id: number;
  readonly horizontal: number;
  readonly vertical: number;
  readonly quantTable: number;
  /** Blocks in a row, and rows of them, whole units of the interleaved scan. */
  readonly blocksWide: number;
  readonly blocksHigh: number;
  /** 64 for each block in rows, from left to right in each row of a block. */
  readonly coefficients: Int16Array;
}

/** A quantisation table. */
export interface JpegQuantTable {
  readonly is16Bit: boolean;
  readonly id: number;
  /** Of its marker segment. */
  readonly isLast: boolean;
  /** In rows. */
  readonly steps: readonly number[];
}

/** A Huffman table. */
export interface JpegHuffmanTable {
  readonly isAc: boolean;
  readonly id: number;
  readonly isLast: boolean;
  /** Codes of 1 to 16 bits, at 1 to 16. */
  readonly counts: readonly number[];
  readonly symbols: readonly number[];
}

/** A sequential scan: the places of its components in the frame, and their tables. */
export interface JpegScan {
  readonly components: readonly { readonly index: number; readonly dc: number; readonly ac: number }[];
}

/** The file: a gray or YCbCr image of 8 bits, coded sequentially. */
export interface JpegFile {
  readonly width: number;
  readonly height: number;
  readonly components: readonly JpegComponent[];
  /** Of every marker behind the first, in order. */
  readonly markers: readonly number[];
  readonly quantTables: readonly JpegQuantTable[];
  readonly huffmanTables: readonly JpegHuffmanTable[];
  readonly scans: readonly JpegScan[];
  /** MCUs between restarts; undefined without such a marker. */
  readonly restartInterval: number | undefined;
  /** Segments of applications, then of comments, from their marker's second byte on. */
  readonly applications: readonly Uint8Array[];
  readonly comments: readonly Uint8Array[];
}
