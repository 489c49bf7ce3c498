/** Reads a saved view state back. It comes from storage, so it is untrusted. */
import type { SliceLayerState, SliceLayout, SliceViewState } from "../../../schemas/messages/slices.ts";
import type { Triple } from "../../../schemas/protocol/volume.ts";

const layouts: readonly SliceLayout[] = ["xy", "xz", "yz", "all"];

/** `value` as a view state, or `undefined` when it is none. */
export function parseViewState(value: unknown): SliceViewState | undefined {
  if (!isRecord(value) || value.v !== 1) {
    return undefined;
  }
  const { locations, layout, centerNm, nmPerPixel, layers } = value;
  const layersOfState = Array.isArray(layers) ? layers.map(parseLayerState) : [];
  const knownLayout = layouts.find((known) => known === layout);
  if (
    !isStrings(locations) ||
    knownLayout === undefined ||
    !isTriple(centerNm) ||
    !isFiniteNumber(nmPerPixel) ||
    nmPerPixel <= 0
  ) {
    return undefined;
  }
  return {
    v: 1,
    locations,
    layout: knownLayout,
    centerNm,
    nmPerPixel,
    layers: layersOfState.filter((layer) => layer !== undefined),
  };
}

function parseLayerState(value: unknown): SliceLayerState | undefined {
  if (!isRecord(value) || typeof value.location !== "string") {
    return undefined;
  }
  const { location, isVisible, opacity, window, mip, selected } = value;
  const isWindow = Array.isArray(window) && window.length === 2 && window.every(isFiniteNumber);
  return {
    location,
    isVisible: isVisible !== false,
    opacity: isFiniteNumber(opacity) ? Math.min(1, Math.max(0, opacity)) : 1,
    ...(isWindow ? { window: [Number(window[0]), Number(window[1])] as const } : {}),
    ...(Number.isSafeInteger(mip) && Number(mip) >= 0 ? { mip: Number(mip) } : {}),
    ...(isStrings(selected) && selected.every(isLabel) && selected.length > 0 ? { selected } : {}),
  };
}

function isLabel(text: string): boolean {
  return /^\d{1,20}$/.test(text);
}

function isTriple(value: unknown): value is Triple {
  return Array.isArray(value) && value.length === 3 && value.every(isFiniteNumber);
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function isFiniteNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
