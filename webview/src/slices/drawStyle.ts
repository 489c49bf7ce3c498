/** How tiles, missing parts and failures look in a theme. */
import { parseColor } from "../components/color.ts";
import type { Theme } from "../host/theme.ts";
import type { HatchDraw, LabelStyle, Rect, Rgba } from "../render/backend.ts";
import type { Rgb } from "../render/segmentColor.ts";
import type { Remark } from "./plan.ts";
import type { LayerModel } from "./state.ts";

/** Colours and widths for drawing, taken from a theme at one moment; widths are in device pixels. */
export interface DrawStyle {
  readonly background: Rgb;
  labels(opacity: number): LabelStyle;
  /** The pattern over what is missing or failed; where voxels of an image are missing, also what covers their zeros. */
  hatch(
    kind: Remark["kind"],
    clip: Rect,
    layer: LayerModel,
  ): { readonly cover?: HatchDraw; readonly pattern: HatchDraw };
}

export function createDrawStyle(theme: Theme, pixelRatio: number): DrawStyle {
  const isLight = theme.kind === "light" || theme.kind === "high-contrast-light";
  const background = rgbOf(theme, "--vscode-editor-background", isLight ? "#ffffff" : "#1e1e1e");
  const foreground = rgbOf(theme, "--vscode-editor-foreground", isLight ? "#3b3b3b" : "#cccccc");
  const error = rgbOf(theme, "--vscode-errorForeground", isLight ? "#c72e0f" : "#f48771");
  const strength = theme.isHighContrast ? 1 : 0.5;
  const whole = (cssPixels: number): number => Math.max(1, Math.round(cssPixels * pixelRatio));
  return {
    background,
    labels: (opacity) => ({
      kind: "labels",
      opacity,
      outline: isLight && theme.isHighContrast ? [0, 0, 0] : [255, 255, 255],
      outlineWidth: whole(theme.isHighContrast ? 3 : 2),
    }),
    hatch(kind, clip, { layer }) {
      const common = { kind: "hatch", clip, width: whole(theme.isHighContrast ? 2 : 1) } as const;
      if (kind === "failed") {
        const colors = { base: withOpacity(error, 0.15), line: withOpacity(error, 0.9) };
        return { pattern: { ...common, ...colors, pattern: "lattice", period: whole(14) } };
      }
      const line = withOpacity(foreground, strength);
      const stripes = {
        ...common,
        pattern: "stripes",
        period: whole(9),
        base: withOpacity(background, 0),
        line,
      } as const;
      const ground = withOpacity(background, 1);
      const isOverlay = layer.volume?.layerType === "segmentation";
      return isOverlay ? { pattern: stripes } : { pattern: stripes, cover: { ...stripes, base: ground, line: ground } };
    },
  };
}

function rgbOf(theme: Theme, variable: string, fallback: string): Rgb {
  const [red, green, blue] = parseColor(theme.color(variable, fallback)) ?? parseColor(fallback) ?? [0, 0, 0];
  return [red, green, blue];
}

function withOpacity([red, green, blue]: Rgb, opacity: number): Rgba {
  return [red, green, blue, opacity];
}
