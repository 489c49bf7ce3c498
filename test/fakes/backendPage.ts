/** Draws one scene with each backend inside a page, so that a test can compare their pixels. Bundled for the browser. */
import type { Draw, PixelArray, SliceBackend, TilePixels, ViewDraws } from "../../webview/src/render/backend.ts";
import { createCpuBackend } from "../../webview/src/render/cpu.ts";
import { createBackend, type RendererChoice } from "../../webview/src/render/createBackend.ts";
import { createPalette } from "../../webview/src/render/palette.ts";
import { createWebgl2Backend } from "../../webview/src/render/webgl2.ts";

declare global {
  interface Window {
    backends: {
      /** Largest difference of a channel between the backends, and the number of pixels that are not background. */
      compare(): { readonly worst: number; readonly different: number; readonly drawn: number };
      /** Name of the backend that a choice leads to. */
      choose(choice: RendererChoice): string;
    };
  }
}

const width = 400;
const height = 300;

window.backends = {
  compare() {
    const webgl2 = createWebgl2Backend({ lost: () => undefined, restored: () => undefined });
    if (webgl2 === undefined) {
      throw new Error("this browser has no WebGL2");
    }
    const [a, b] = [render(webgl2), render(createCpuBackend())];
    let worst = 0;
    let different = 0;
    let drawn = 0;
    for (let index = 0; index < a.length; index++) {
      const difference = Math.abs((a[index] ?? 0) - (b[index] ?? 0));
      worst = Math.max(worst, difference);
      different += difference > 1 ? 1 : 0;
      drawn += index % 4 === 0 && b[index] !== 40 ? 1 : 0;
    }
    return { worst, different, drawn };
  },
  choose(choice) {
    const backend = createBackend(choice, { lost: () => undefined, restored: () => undefined });
    backend.dispose();
    return backend.name;
  },
};

/** All kinds of tiles in a grid, with fractional positions and scales. */
function render(backend: SliceBackend): Uint8ClampedArray {
  const draws: Draw[] = [];
  for (const [index, [data, window, base, channels]] of images.entries()) {
    const key = `image${index}`;
    backend.uploadTile(key, { kind: "image", width: 8, height: 8, channels, data, base });
    draws.push({
      ...place(index),
      kind: "tile",
      key,
      style: { kind: "image", opacity: index % 2 === 0 ? 1 : 0.6, window },
    });
  }
  const labels: TilePixels = {
    kind: "labels",
    width: 8,
    height: 8,
    data: Uint16Array.from({ length: 64 }, (_, at) => (at >> 1) % 7),
  };
  const table = BigUint64Array.from({ length: 7 }, (_, at) => BigInt(at) * 0x0123456789abcdefn);
  for (const [index, selected] of [[], [2n * 0x0123456789abcdefn]].entries()) {
    const key = `labels${index}`;
    backend.uploadTile(key, labels);
    backend.setPalette(key, createPalette(table, new Set(selected)));
    const style = { kind: "labels", opacity: 0.7, outline: [255, 255, 255], outlineWidth: 2 } as const;
    draws.push({ ...place(images.length + index), kind: "tile", key, style });
    draws.push({ ...place(index), kind: "tile", key, style });
  }
  for (const [index, pattern] of (["stripes", "lattice"] as const).entries()) {
    const { clip } = place(images.length + 2 + index);
    draws.push({ kind: "hatch", clip, pattern, base: [90, 0, 0, 0.4], line: [255, 90, 90, 0.9], period: 9, width: 2 });
  }
  const view: ViewDraws = {
    width,
    height,
    background: [40, 50, 60],
    panels: [{ area: { x0: 0, y0: 0, x1: width, y1: height }, draws }],
  };
  backend.draw(view);
  const pixels = backend.readPixels({ x0: 0, y0: 0, x1: width, y1: height });
  backend.dispose();
  return pixels;
}

function place(index: number): Pick<Extract<Draw, { kind: "tile" }>, "x" | "y" | "scaleX" | "scaleY" | "clip"> {
  const x = (index % 4) * 100 + 3.3;
  const y = Math.floor(index / 4) * 75 + 2.7;
  return { x, y, scaleX: 11.37, scaleY: 8.61, clip: { x0: x + 1.2, y0: y, x1: x + 8 * 11.37, y1: y + 8 * 8.61 - 3.4 } };
}

const ramp = (step: number, from = 0): number[] => Array.from({ length: 64 }, (_, index) => from + index * step);

const images: readonly (readonly [
  data: PixelArray,
  window: readonly [number, number],
  base: number,
  channels: number,
])[] = [
  [Uint8Array.from(ramp(4)), [0, 255], 0, 1],
  [Int8Array.from(ramp(4, -128)), [-100, 100], 0, 1],
  [Uint16Array.from(ramp(1000)), [500, 60_000], 0, 1],
  [Int16Array.from(ramp(1000, -32_000)), [-30_000, 30_000], 0, 1],
  [Uint32Array.from(ramp(1, 4_294_967_200)), [4_294_967_200, 4_294_967_264], 0, 1],
  [Int32Array.from(ramp(67_000_000, -2_147_483_648)), [-2_000_000_000, 2_000_000_000], 0, 1],
  [Float32Array.from(ramp(0.01)), [0.05, 0.6], 0, 1],
  [Float32Array.from(ramp(10)), [2 ** 53, 2 ** 53 + 640], 2 ** 53, 1],
  [Uint8Array.from([...ramp(4), ...ramp(2), ...ramp(1)]), [0, 255], 0, 3],
  [Uint8Array.from([...ramp(4), ...ramp(2)]), [10.5, 200.25], 0, 2],
];
