/**
 * Locations: what a person types, pasted or wrote in a file, as parts. Parsing does no I/O.
 *
 * Grammar: `[FORMAT://]SCHEME://[BUCKET or HOST/]PATH` or `SCHEME://…|FORMAT:`, or a bare local path.
 */

export type Scheme = "file" | "mem" | "http" | "https" | "gs" | "s3" | "middleauth+https" | "ngauth+https";

/** A parsed location. Frozen; `text` is canonical and safe to show (no query, no credentials). */
export interface Location {
  readonly scheme: Scheme;
  /** Bucket of gs, s3, mem; host[:port] of http(s); "" for file. */
  readonly authority: string;
  /** Path below the authority, no slash at either end; for file an absolute path of the system. */
  readonly path: string;
  /** Volume format when the text names one: precomputed, zarr, zarr2, zarr3, n5, graphene, boss. */
  readonly format?: string;
  /** Endpoint of an S3-compatible store: `s3://https://host/bucket/…`. */
  readonly endpoint?: string;
  /** Query of an http(s) URL, with its "?": sent with requests, never shown. */
  readonly query?: string;
  /** `FORMAT://SCHEME://…` without query. Parsing it again gives the same location. */
  readonly text: string;
}
