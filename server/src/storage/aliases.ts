/** Names of S3-compatible stores: `matrix://bucket/path` is `s3://https://s3-hpcrc.rc.princeton.edu/bucket/path`. */

/** Alias -> endpoint without a slash at its end. */
export type Aliases = Readonly<Record<string, string>>;

/** Those that CloudFiles knows. */
export const officialAliases: Aliases = {
  matrix: "https://s3-hpcrc.rc.princeton.edu",
  tigerdata: "https://td.princeton.edu",
  nokura: "https://c10s.pni.princeton.edu",
};

/** Words that mean something else in front of "://". */
export const reservedSchemes: readonly string[] = [
  ...["file", "mem", "gs", "s3", "http", "https", "s3+http", "s3+https", "middleauth+https", "ngauth+https"],
  ...["precomputed", "neuroglancer-precomputed", "graphene", "boss", "n5", "zarr", "zarr2", "zarr3"],
  ...["brainmaps", "deepzoom", "nggraph", "render", "vtk", "nifti", "dvid", "vscode-remote"],
];

/** The endpoint that the host of an alias names (`s3://https://host/`, `https://host`); `undefined` where it names none. */
export function endpointOfHost(host: string): string | undefined {
  const text = host.replace(/^s3:\/\//i, "");
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isBare = url !== undefined && /^https?:$/.test(url.protocol) && url.username === "" && url.search === "";
  return isBare && url.pathname === "/" ? url.origin : undefined;
}
