import { describe, expect, it } from "vitest";
import { parseColor } from "../../../../webview/src/components/color.ts";
import { describeView } from "../../../../webview/src/slices/describe.ts";
import { formatLength, formatNm, formatNumber, scaleBarFor } from "../../../../webview/src/slices/format.ts";
import { actionOfKey } from "../../../../webview/src/slices/keyboard.ts";
import { layoutPanels } from "../../../../webview/src/slices/panelLayout.ts";
import type { PanelPlan } from "../../../../webview/src/slices/plan.ts";
import { parseViewState } from "../../../../webview/src/slices/savedState.ts";
import { createModel, toViewState } from "../../../../webview/src/slices/state.ts";
import { anisotropicScales, layerOf, modelOf, scaleOf } from "./fixtures.ts";

describe("lengths", () => {
  it.each([
    [0.5, "0.5 nm"],
    [250, "250 nm"],
    [1500, "1.5 µm"],
    [2e6, "2 mm"],
  ])("%s nm is %s", (nm, text) => {
    expect(formatLength(nm)).toBe(text);
  });

  it("of a scale bar are 1, 2 or 5 times a power of ten", () => {
    expect(scaleBarFor(7, 100)).toEqual({ label: "500 nm", pixels: 500 / 7 });
    expect(scaleBarFor(1, 100)).toEqual({ label: "100 nm", pixels: 100 });
    expect(scaleBarFor(39.9, 100).label).toBe("2 µm");
  });

  it("of positions have their thousands apart", () => {
    expect(formatNm([1234567.4, 0, -5])).toBe("1,234,567, 0, -5 nm");
    expect([formatNumber(0.1 + 0.2), formatNumber(65535), formatNumber(1e20)]).toEqual(["0.3", "65535", "1.000e+20"]);
  });
});

describe("describeView", () => {
  const plan: PanelPlan = {
    draws: [],
    remarks: [],
    mips: new Map([[1, 1]]),
    drawn: 6,
    standIns: 0,
    pending: 0,
    missing: 0,
    failed: 0,
    keys: [],
  };

  it("says what is drawn in one sentence", () => {
    const model = modelOf([layerOf(1, anisotropicScales), layerOf(2, anisotropicScales)]);
    expect(describeView(model, [{ plane: "xy", plan }])).toBe(
      "xy slice 32 of 64, mip 1, 2 layers, 6 tiles drawn, 0 missing, 0 failed",
    );
  });

  it("names each of several panels and what is still loading", () => {
    const panels = [
      { plane: "xy", plan: { ...plan, standIns: 1, pending: 2 } },
      { plane: "yz", plan: { ...plan, mips: new Map() } },
    ] as const;
    expect(describeView(modelOf(), panels)).toBe(
      "xy slice 32 of 64, yz outside the volume, mip 1, 1 layer, 12 tiles drawn, 0 missing, 0 failed, 1 coarser, 2 loading",
    );
  });

  it("names both ends of bounds that do not begin at 0", () => {
    const model = {
      ...modelOf([layerOf(1, [scaleOf([4, 4, 40], [200, 200, 164], [0, 0, 100])])]),
      centerNm: [0, 0, 4500] as const,
    };
    const panels = [{ plane: "xy", plan: { ...plan, mips: new Map([[1, 0]]) } }] as const;
    expect(describeView(model, panels)).toContain("xy slice 112 of 100 to 164, mip 0");
  });

  it("of nothing says so", () => {
    expect(describeView(createModel(), [])).toBe("no slices, 0 layers");
  });
});

describe("keys", () => {
  const press = (key: string, modifiers = {}) => ({
    key,
    shiftKey: false,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    ...modifiers,
  });

  it.each([
    ["PageDown", "nextSlice"],
    ["PageUp", "previousSlice"],
    ["+", "zoomIn"],
    ["-", "zoomOut"],
    ["[", "finerMip"],
    ["]", "coarserMip"],
    ["Home", "resetView"],
    ["4", "layoutAll"],
  ])("%s runs %s", (key, name) => {
    expect(actionOfKey(press(key))).toEqual({ kind: "command", name });
  });

  it("move further with Shift", () => {
    expect(actionOfKey(press("ArrowLeft"))).toEqual({ kind: "move", across: -32, down: 0 });
    expect(actionOfKey(press("ArrowDown", { shiftKey: true }))).toEqual({ kind: "move", across: 0, down: 256 });
  });

  it("leave chords, Tab and names of object members to others", () => {
    expect(actionOfKey(press("z", { ctrlKey: true }))).toBeUndefined();
    expect(actionOfKey(press("Home", { metaKey: true }))).toBeUndefined();
    expect(actionOfKey(press("Tab"))).toBeUndefined();
    expect(actionOfKey(press("constructor"))).toBeUndefined();
  });
});

describe("layoutPanels", () => {
  it("gives one panel everything", () => {
    expect(layoutPanels("xz", 800, 600)).toEqual([{ plane: "xz", x: 0, y: 0, width: 800, height: 600 }]);
  });

  it.each([
    [801, 601],
    [400, 901],
  ])("fills %s by %s with three panels that do not overlap", (width, height) => {
    const boxes = layoutPanels("all", width, height);
    expect(boxes.map(({ plane }) => plane)).toEqual(["xy", "xz", "yz"]);
    const area = boxes.reduce((sum, box) => sum + box.width * box.height, 0);
    const gaps = width > height ? height + (boxes[1]?.width ?? 0) : width + (boxes[1]?.height ?? 0);
    expect(area + gaps).toBe(width * height);
  });
});

describe("parseViewState", () => {
  const state = { ...toViewState(modelOf()), isLayerListOpen: true };

  it("takes back what was saved, without what it does not know", () => {
    expect(parseViewState(structuredClone(state))).toEqual(toViewState(modelOf()));
  });

  it.each([
    ["nothing", undefined],
    ["another version", { ...state, v: 2 }],
    ["an unknown layout", { ...state, layout: "zx" }],
    ["a centre that is no number", { ...state, centerNm: [0, 0, null] }],
    ["a zoom of 0", { ...state, nmPerPixel: 0 }],
    ["locations that are no texts", { ...state, locations: [1] }],
  ])("refuses %s", (_, value) => {
    expect(parseViewState(value)).toBeUndefined();
  });

  it("drops what is wrong in a layer and keeps the rest", () => {
    const layers = [{ location: "mem://a/", opacity: 7, window: [1, "2"], mip: -1, selected: ["1e5"] }, 5];
    expect(parseViewState({ ...state, layers })?.layers).toEqual([
      { location: "mem://a/", isVisible: true, opacity: 1 },
    ]);
  });
});

describe("parseColor", () => {
  it.each([
    ["#1e1e1e", [30, 30, 30, 1]],
    ["#fff", [255, 255, 255, 1]],
    ["#00000080", [0, 0, 0, 128 / 255]],
    ["rgba(255, 0, 10, 0.5)", [255, 0, 10, 0.5]],
    ["rgb(1 2 3 / 50%)", [1, 2, 3, 0.5]],
  ])("reads %s", (text, color) => {
    expect(parseColor(text)).toEqual(color);
  });

  it("knows no others", () => {
    expect([parseColor("red"), parseColor("#12345"), parseColor("rgb(a, b, c)")]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
