/** The state of a slice panel as a webview hands it over: unknown until it has been looked at. */
import type { SliceLayerState, SliceViewState } from "../../../schemas/messages/slices.ts";

/** The state, or undefined when it is none of ours (another version, a foreign webview). */
export function parseViewState(value: unknown): SliceViewState | undefined {
  if (!isRecord(value) || value.v !== 1) {
    return undefined;
  }
  const { locations, layout, centerNm, nmPerPixel, layers } = value;
  const isValid =
    Array.isArray(locations) &&
    locations.every((location) => typeof location === "string") &&
    ["xy", "xz", "yz", "all"].includes(layout as string) &&
    isTriple(centerNm) &&
    isPositive(nmPerPixel) &&
    Array.isArray(layers) &&
    layers.every(isLayerState);
  // Each field that the type has was just checked.
  return isValid ? (value as unknown as SliceViewState) : undefined;
}

function isLayerState(value: unknown): value is SliceLayerState {
  return (
    isRecord(value) &&
    typeof value.location === "string" &&
    typeof value.isVisible === "boolean" &&
    typeof value.opacity === "number"
  );
}

function isTriple(value: unknown): boolean {
  return Array.isArray(value) && value.length === 3 && value.every((item) => Number.isFinite(item));
}

function isPositive(value: unknown): boolean {
  return typeof value === "number" && Number.isFinite(value) && value > 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
