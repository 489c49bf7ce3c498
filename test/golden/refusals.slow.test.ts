/** Golden layers that must not give voxels: damaged ones, those of encodings that are not there, and redirects that lead elsewhere. */
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEngine, type Engine, isVolumeError, type VolumeError } from "../../server/src/index.ts";
import { describeWithShared } from "../fakes/shared.ts";
import { isJudged, isReadable, looking, type RefusedVolume, readManifest, sha256Of, toBbox } from "./manifest.ts";

/** Far above what any of them takes, and far below a hang. */
const patienceMs = 30_000;
const memoryLimitBytes = 256 * 2 ** 20;

describeWithShared("golden layers that give no voxels", ["golden"], (folder) => {
  const manifest = readManifest(folder);
  const engine = createEngine({ workers: 2 });
  const sound = manifest.volumes.filter(isReadable);
  afterAll(() => engine.dispose());

  describe("bad volumes", () => {
    const bad = manifest.bad.filter(isJudged);
    let before = 0;
    beforeAll(async () => {
      // Threads, kernels and libraries take memory once, whatever is read.
      for (const { path: layer, open_with } of sound.filter(isFirstOfEncoding)) {
        const volume = await engine.openVolume(path.join(folder, layer), { fillMissing: open_with?.fill_missing });
        await looking(volume, undefined, {}, () => undefined);
      }
      before = process.memoryUsage().rss;
    }, patienceMs);

    it("are all of the manifest", () => {
      expect(bad.length).toBeGreaterThanOrEqual(89);
    });

    it.each(bad)("$name is $expect: $why", { timeout: patienceMs }, async (volume) => {
      const outcome = await read(engine, path.join(folder, volume.path), volume.request);
      const tag = outcome === undefined ? "ok" : outcome.tag;
      expect([volume.expect, ...(volume.also_accept ?? [])], outcome?.message).toContain(tag);
      if (outcome !== undefined) {
        expect(outcome.fields.location).toContain(volume.name);
        expect(outcome.message).not.toBe("");
      }
      if (tag === "invalid_chunk") {
        expect(outcome?.fields.chunk).toMatch(/\d+-\d+_\d+-\d+_\d+-\d+$/);
      }
    });

    it("take no memory beyond their chunks", () => {
      expect(process.memoryUsage().rss - before).toBeLessThan(memoryLimitBytes);
    });
  });

  it.each(manifest.volumes.filter((volume) => !isReadable(volume)))(
    "$name ($info.encoding) is unsupported, with the encoding or sharding named",
    async ({ path: layer, info }) => {
      const error = await read(engine, path.join(folder, layer));
      expect(error?.tag).toBe("unsupported");
      expect(error?.message).toMatch(
        info.sharded ? /shard/ : new RegExp(info.encoding === "jxl" ? "jxl|jpegxl" : info.encoding),
      );
    },
  );

  describe("redirects", () => {
    const layers = new Map(manifest.redirects.map((redirect) => [redirect.name, redirect]));
    const target = manifest.volumes.find(({ name }) => name === "redirect_target");

    it("are all of the manifest", () => {
      expect(layers.size).toBeGreaterThanOrEqual(6);
    });

    it.each(manifest.redirects)("$name leads to $leads_to", async ({ name, path: layer, leads_to }) => {
      const location = path.join(folder, layer);
      if (leads_to === "cycle" || leads_to === "not_found") {
        const error = await read(engine, location);
        expect(error?.tag).toBe(leads_to === "cycle" ? "invalid_metadata" : "not_found");
        return;
      }
      const volume = await engine.openVolume(location);
      expect(volume.location).toMatch(new RegExp(`/${leads_to}/?$`));
      expect(volume.isReadOnly).toBe(leads_to !== name);
      if (leads_to === target?.name) {
        expect(await looking(volume, undefined, {}, sha256Of)).toBe(target.mips[0]?.sha256);
      } else {
        // The layer that names itself has no chunks.
        expect((await read(engine, location))?.tag).toBe("not_found");
      }
    });

    it("are not followed beyond the number that is allowed", async () => {
      const location = path.join(folder, layers.get("redirect_two_hops")?.path ?? "");
      const error = await engine.openVolume(location, { maxRedirects: 1 }).catch((reason) => reason);
      expect(isVolumeError(error) && error.tag).toBe("invalid_metadata");
      expect((await engine.openVolume(location, { maxRedirects: 2 })).redirectedFrom.length).toBe(2);
    });
  });
});

/** Opens and reads as a bad volume asks; the error, or undefined when voxels came. Anything but a VolumeError fails the test. */
async function read(
  engine: Engine,
  location: string,
  request: RefusedVolume["request"] = {},
): Promise<VolumeError | undefined> {
  try {
    const volume = await engine.openVolume(location);
    const box = request.bbox === undefined ? undefined : toBbox(request.bbox);
    return await looking(volume, box, { mip: request.mip ?? 0 }, () => undefined);
  } catch (error) {
    if (!isVolumeError(error)) {
      throw error;
    }
    return error;
  }
}

function isFirstOfEncoding<T extends { readonly info: { readonly encoding: string } }>(
  { info }: T,
  index: number,
  all: readonly T[],
): boolean {
  return all.findIndex((other) => other.info.encoding === info.encoding) === index;
}
