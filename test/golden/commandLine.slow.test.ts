/** The golden volumes through the command line: `cloudvolume cutout` prints the voxels, or ends with the exit code of the error's tag. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import path from "node:path";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { isErrorTag } from "../../schemas/errors.ts";
import { errorCodes } from "../../server/src/index.ts";
import { readExpected } from "../fakes/goldenVolumes.ts";
import { describeWithShared } from "../fakes/shared.ts";
import { type ExpectedVolume, isJudged, isLossy, isReadable, type RefusedVolume, readManifest } from "./manifest.ts";

const repository = path.resolve(import.meta.dirname, "../..");
const script = path.join(repository, "out/server/cli.js");
const usageHook = pathToFileURL(path.join(repository, "test/fakes/reportUsage.mjs")).href;
/** What a bad volume may take; CPU time, for the machine may be busy. */
const mostCpuMs = 2000;
const mostBytes = 300 * 2 ** 20;

describeWithShared("golden volumes through the command line", ["golden"], (folder) => {
  const manifest = readManifest(folder);

  it.concurrent.each(manifest.volumes.filter(isReadable))("$name: $covers", async (volume) => {
    const { code, stdout, stderr } = await cutout(path.join(folder, volume.path), ...openArguments(volume));
    if (volume.without_fill_missing !== undefined && volume.open_with?.fill_missing !== true) {
      expect(code).toBe(errorCodes.not_found.exitCode);
      return;
    }
    expect(code, stderr).toBe(0);
    const reference = isLossy(volume) ? readExpected(folder, volume) : undefined;
    if (reference === undefined) {
      expect(createHash("sha256").update(stdout).digest("hex")).toBe(volume.mips[0]?.sha256);
    } else {
      expect(stdout.byteLength).toBe(reference.byteLength);
      const worst = reference.reduce((most, value, i) => Math.max(most, Math.abs(value - (stdout[i] ?? 0))), 0);
      expect(worst).toBeLessThanOrEqual(volume.lossy?.max_abs_error ?? 0);
    }
  });

  it.concurrent.each(manifest.bad.filter(isJudged))("$name is $expect: $why", async (volume) => {
    const { code, stderr, usage } = await cutout(path.join(folder, volume.path), ...requestArguments(volume));
    const tag = code === 0 ? "ok" : (stderr.split(":")[0] ?? "");
    expect([volume.expect, ...(volume.also_accept ?? [])], stderr).toContain(tag);
    expect(code).toBe(isErrorTag(tag) ? errorCodes[tag].exitCode : 0);
    expect(usage.cpuMs).toBeLessThan(mostCpuMs);
    expect(usage.mostBytes).toBeLessThan(mostBytes);
  });
});

function openArguments({ open_with }: ExpectedVolume): readonly string[] {
  const background = open_with?.background_color;
  return [
    ...(open_with?.fill_missing === true ? ["--fill-missing"] : []),
    ...(background === undefined ? [] : ["--background", String(background)]),
  ];
}

function requestArguments({ request }: RefusedVolume): readonly string[] {
  const { mip, bbox } = request ?? {};
  const box = bbox && `${bbox[0]}-${bbox[3]}_${bbox[1]}-${bbox[4]}_${bbox[2]}-${bbox[5]}`;
  return [...(mip === undefined ? [] : [`--mip=${mip}`]), ...(box === undefined ? [] : [`--bbox=${box}`])];
}

interface Ended {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly usage: { readonly cpuMs: number; readonly mostBytes: number };
}

async function cutout(location: string, ...options: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, ["--import", usageHook, script, "cutout", location, "-o", "-", ...options], {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const [stdout, stderr, usage] = [1, 2, 3].map((at) => buffer(child.stdio[at] as Readable));
  const ended = new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  const code = await ended;
  return {
    code,
    stdout: (await stdout) ?? Buffer.alloc(0),
    stderr: String(await stderr),
    usage: JSON.parse(String(await usage)),
  };
}
