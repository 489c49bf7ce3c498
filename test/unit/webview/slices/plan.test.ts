import { describe, expect, it } from "vitest";
import type { WireError } from "../../../../schemas/errors.ts";
import type { Draw } from "../../../../webview/src/render/backend.ts";
import type { PanelView } from "../../../../webview/src/slices/geometry.ts";
import { type PanelPlan, planPanel } from "../../../../webview/src/slices/plan.ts";
import type { TexelRect } from "../../../../webview/src/slices/tileReply.ts";
import { layerOf, modelOf, scaleOf } from "./fixtures.ts";

/** 512 x 256 voxels of 4 nm in two mips: 2 x 1 tiles, and one. */
const scales = [scaleOf([4, 4, 40], [512, 256, 8]), scaleOf([8, 8, 40], [256, 128, 8])];
const { layers } = modelOf([layerOf(1, scales)]);
/** The whole volume, one voxel of mip 0 per pixel. */
const whole: PanelView = {
  plane: "xy",
  centerNm: [1024, 512, 20],
  nmPerPixel: 4,
  area: { x0: 0, y0: 0, x1: 512, y1: 256 },
};
const error: WireError = { tag: "invalid_chunk", message: "truncated" };

function plan(loaded: Record<string, readonly TexelRect[]>, failed: readonly string[] = [], view = whole): PanelPlan {
  const lookup = {
    missing: (key: string) => loaded[key],
    failure: (key: string) => (failed.includes(key) ? error : undefined),
  };
  return planPanel(view, layers, lookup, {
    tile: () => ({ kind: "image", opacity: 1, window: [0, 255] }),
    hatch: (kind, clip) => ({
      pattern: {
        kind: "hatch",
        clip,
        pattern: kind === "failed" ? "lattice" : "stripes",
        base: [0, 0, 0, 1],
        line: [0, 0, 0, 1],
        period: 8,
        width: 1,
      },
    }),
  });
}

const brief = (draw: Draw): string => {
  const { x0, y0, x1, y1 } = draw.clip;
  return `${draw.kind === "tile" ? draw.key : draw.pattern} ${x0},${y0} ${x1},${y1}`;
};

const left = "1/0/xy/0/0/0";
const right = "1/0/xy/0/1/0";
const coarse = "1/1/xy/0/0/0";

describe("planPanel", () => {
  it("draws the tiles of the chosen mip where they have come", () => {
    const { draws, drawn, pending, standIns } = plan({ [left]: [], [right]: [], [coarse]: [] });
    expect(draws.map(brief)).toEqual([`${left} 0,0 256,256`, `${right} 256,0 512,256`]);
    expect({ drawn, pending, standIns }).toEqual({ drawn: 2, pending: 0, standIns: 0 });
  });

  it("lets a coarser tile stand in exactly where a finer one is lacking", () => {
    const { draws, drawn, pending, standIns } = plan({ [left]: [], [coarse]: [] });
    expect(draws.map(brief)).toEqual([`${left} 0,0 256,256`, `${coarse} 256,0 512,256`]);
    expect({ drawn, pending, standIns }).toEqual({ drawn: 1, pending: 1, standIns: 1 });
  });

  it("places a stand-in by its own voxels", () => {
    const [draw] = plan({ [coarse]: [] }).draws;
    expect(draw).toMatchObject({ key: coarse, x: 0, y: 0, scaleX: 2, scaleY: 2 });
  });

  it("lets finer tiles stand in after zooming out, if all of them are there", () => {
    const out = { ...whole, nmPerPixel: 8 };
    expect(plan({ [left]: [], [right]: [] }, [], out).draws.map(brief)).toEqual([
      `${left} 128,64 256,192`,
      `${right} 256,64 384,192`,
    ]);
    expect(plan({ [left]: [] }, [], out).draws).toEqual([]);
  });

  it("hatches the missing part of a tile over all layers and remarks on it", () => {
    const { draws, missing, remarks } = plan({ [left]: [[0, 0, 64, 32]], [right]: [] });
    expect(draws.map(brief)).toEqual([`${left} 0,0 256,256`, `${right} 256,0 512,256`, "stripes 0,0 64,32"]);
    expect(missing).toBe(1);
    expect(remarks).toEqual([{ kind: "missing", rect: { x0: 0, y0: 0, x1: 64, y1: 32 }, layer: 1 }]);
  });

  it("marks a failed tile with its reason, over what stands in for it", () => {
    const { draws, failed, pending, remarks } = plan({ [left]: [], [coarse]: [] }, [right]);
    expect(draws.map(brief)).toEqual([`${left} 0,0 256,256`, `${coarse} 256,0 512,256`, "lattice 256,0 512,256"]);
    expect({ failed, pending }).toEqual({ failed: 1, pending: 0 });
    expect(remarks[0]).toMatchObject({ kind: "failed", layer: 1, error });
  });

  it("plans nothing beyond the slices of a volume", () => {
    const beyond = plan({ [left]: [] }, [], { ...whole, centerNm: [1024, 512, 400] });
    expect(beyond.draws).toEqual([]);
    expect(beyond.mips.size).toBe(0);
  });

  it("clips tiles at the bounds of the volume", () => {
    const clipped = modelOf([layerOf(1, [scaleOf([4, 4, 40], [300, 200, 8])])]).layers;
    const lookup = { missing: () => [], failure: () => undefined };
    const style = {
      tile: () => ({ kind: "image", opacity: 1, window: [0, 255] }) as const,
      hatch: () => {
        throw new Error("nothing is missing");
      },
    };
    const view = { ...whole, centerNm: [600, 400, 20] as const, area: { x0: 0, y0: 0, x1: 300, y1: 200 } };
    expect(planPanel(view, clipped, lookup, style).draws.map(brief)).toEqual([
      "1/0/xy/0/0/0 0,0 256,200",
      "1/0/xy/0/1/0 256,0 300,200",
    ]);
  });
});
