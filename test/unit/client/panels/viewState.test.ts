import { describe, expect, it } from "vitest";
import { parseViewState } from "../../../../client/src/panels/viewState.ts";

const state = {
  v: 1,
  locations: ["/data/seg"],
  layout: "xy",
  centerNm: [100, 200, 300],
  nmPerPixel: 8,
  layers: [{ location: "/data/seg", isVisible: true, opacity: 0.5 }],
};

describe("parseViewState", () => {
  it("takes a state as the webview keeps it", () => {
    expect(parseViewState(state)).toEqual(state);
  });

  it.each([
    ["nothing", undefined],
    ["another version", { ...state, v: 2 }],
    ["locations that are no texts", { ...state, locations: [1] }],
    ["an unknown layout", { ...state, layout: "zz" }],
    ["a centre that is no point", { ...state, centerNm: [1, 2, Number.NaN] }],
    ["a zoom of zero", { ...state, nmPerPixel: 0 }],
    ["a layer without opacity", { ...state, layers: [{ location: "x", isVisible: true }] }],
  ])("refuses %s", (_, value) => {
    expect(parseViewState(value)).toBeUndefined();
  });
});
