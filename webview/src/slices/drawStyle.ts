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
  hatch(kind: Remark["kind"], clip: Rect, layer: LayerModel): HatchDraw;
}

export function createDrawStyle(theme: Theme, pixelRatio: number): DrawStyle {
  const isLight = theme.kind === "light" || theme.kind === "high-contrast-light";
  const background = rgbOf(theme, "--vscode-editor-background", isLight ? "#ffffff" : "#1e1e1e");
  const foreground = rgbOf(theme, "--vscode-editor-foreground", isLight ? "#3b3b3b" : "#cccccc");
  const error = rgbOf(theme, "--vscode-errorForeground", isLight ? "#c72e0f" : "#f48771");
  const strength = theme.isHighContrast ? 1 : 0.35;
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
      const isOverlay = layer.volume?.layerType === "segmentation";
      const missing = { base: withOpacity(background, isOverlay ? 0 : 1), line: withOpacity(foreground, strength) };
      const failed = { base: withOpacity(error, 0.15), line: withOpacity(error, 0.9) };
      return {
        kind: "hatch",
        clip,
        pattern: kind === "failed" ? "lattice" : "stripes",
        ...(kind === "failed" ? failed : missing),
        period: whole(kind === "failed" ? 14 : 9),
        width: whole(theme.isHighContrast ? 2 : 1),
      };
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
