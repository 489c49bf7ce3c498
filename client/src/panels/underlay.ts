/** The image that belongs under a segmentation: a sibling folder whose volume covers the same space. */
import { listFolder, type ScaleSummary } from "../../../schemas/protocol/storage.ts";
import { closeVolume, openVolume, type ScaleDescription } from "../../../schemas/protocol/volume.ts";
import { parentOf } from "../fileSystem/locationText.ts";
import type { ServerLink } from "../server/link.ts";

/** Images that are opened to compare their bounds, at most. */
const maxCandidates = 3;
/** Two bounds are the same when they differ by less than this part of their size: sizes are rounded up to whole voxels. */
const tolerance = 0.01;

export interface Segmentation {
  readonly location: string;
  readonly finest: ScaleDescription;
}

/** Location of an image layer beside the segmentation with the same physical bounds; undefined when there is none. */
export async function findUnderlay(
  server: Pick<ServerLink, "request" | "notify">,
  { location, finest }: Segmentation,
  signal: AbortSignal,
): Promise<string | undefined> {
  const folder = parentOf(location);
  if (folder === undefined) {
    return undefined;
  }
  const { entries } = await server.request(listFolder, { location: folder }, { signal });
  const images = entries.filter(({ layer }) => layer?.kind === "image" && hasSameExtent(layer.scales?.[0], finest));
  for (const image of images.slice(0, maxCandidates)) {
    const volume = await server.request(openVolume, { location: image.location }, { signal });
    server.notify(closeVolume, { handle: volume.handle });
    const [candidate] = volume.scales;
    if (candidate !== undefined && haveSameBounds(candidate, finest)) {
      return image.location;
    }
  }
  return undefined;
}

function hasSameExtent(scale: ScaleSummary | undefined, finest: ScaleDescription): boolean {
  if (scale === undefined) {
    return false;
  }
  const { resolutionNm, size } = scale;
  return haveSameBounds(
    { resolutionNm, min: [0, 0, 0], max: size },
    {
      resolutionNm: finest.resolutionNm,
      min: [0, 0, 0],
      max: [finest.max[0] - finest.min[0], finest.max[1] - finest.min[1], finest.max[2] - finest.min[2]],
    },
  );
}

type Bounds = Pick<ScaleDescription, "resolutionNm" | "min" | "max">;

/** Do the two cover the same box of space? */
export function haveSameBounds(a: Bounds, b: Bounds): boolean {
  return [0, 1, 2].every((axis) => {
    const [aMin, aMax] = rangeNm(a, axis);
    const [bMin, bMax] = rangeNm(b, axis);
    const slackNm = tolerance * (aMax - aMin);
    return Math.abs(aMin - bMin) <= slackNm && Math.abs(aMax - bMax) <= slackNm;
  });
}

function rangeNm({ resolutionNm, min, max }: Bounds, axis: number): readonly [min: number, max: number] {
  const scale = resolutionNm[axis] ?? Number.NaN;
  return [(min[axis] ?? Number.NaN) * scale, (max[axis] ?? Number.NaN) * scale];
}
