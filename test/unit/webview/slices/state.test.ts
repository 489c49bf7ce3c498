import { describe, expect, it } from "vitest";
import type { SliceViewState } from "../../../../schemas/messages/slices.ts";
import {
  centerOn,
  changeLayer,
  clearSelection,
  createModel,
  panBy,
  refit,
  selectLabel,
  showWhole,
  stepAlong,
  stepMip,
  stepSlice,
  toViewState,
  withLayers,
  withLayout,
  zoomAt,
} from "../../../../webview/src/slices/state.ts";
import { anisotropicScales, layerOf, modelOf, scaleOf } from "./fixtures.ts";

const labels = { layerType: "segmentation", dtype: "uint64" } as const;

describe("layers", () => {
  it("are opaque at the bottom; labels above others let them shine through", () => {
    const model = modelOf([layerOf(1, anisotropicScales), layerOf(2, anisotropicScales, labels)]);
    expect(model.layers.map(({ view }) => view.opacity)).toEqual([1, 0.5]);
    expect(modelOf([layerOf(2, anisotropicScales, labels)]).layers[0]?.view.opacity).toBe(1);
  });

  it("become an overlay when an image is put under them, unless they were changed", () => {
    const segmentation = layerOf(2, anisotropicScales, labels);
    const alone = modelOf([segmentation]);
    const both = [layerOf(1, anisotropicScales), segmentation];
    expect(withLayers(alone, both).layers[1]?.view.opacity).toBe(0.5);
    const touched = changeLayer(alone, 2, (view) => ({ ...view, opacity: 0.9 }));
    expect(withLayers(touched, both).layers[1]?.view.opacity).toBe(0.9);
  });

  it("keep how they are shown when the list changes", () => {
    const model = changeLayer(modelOf(), 1, (view) => ({ ...view, window: [10, 20] }));
    const next = withLayers(model, [layerOf(2, anisotropicScales), layerOf(1, anisotropicScales)]);
    expect(next.layers[1]?.view.window).toEqual([10, 20]);
    expect(next.layers[0]?.view.window).toBeUndefined();
  });

  it("take saved states by location, the first of equal ones first", () => {
    const layer = layerOf(1, anisotropicScales);
    const saved = [
      { location: layer.location, isVisible: false, opacity: 0.2 },
      { location: layer.location, isVisible: true, opacity: 0.8 },
    ];
    const model = withLayers(createModel(), [layer, { ...layer, id: 2 }, { ...layer, id: 3 }], saved);
    expect(model.layers.map(({ view }) => view.opacity)).toEqual([0.2, 0.8, 1]);
  });
});

describe("the view state", () => {
  it("comes back as it was saved", () => {
    const saved: SliceViewState = {
      v: 1,
      locations: ["mem://layer1/"],
      layout: "xz",
      centerNm: [100, 200, 300],
      nmPerPixel: 7,
      layers: [
        { location: "mem://layer1/", isVisible: true, opacity: 0.5, mip: 2, selected: ["18446744073709551615"] },
      ],
    };
    const model = withLayers(createModel(saved), [layerOf(1, anisotropicScales)], saved.layers);
    expect(toViewState(model)).toEqual(saved);
    expect(model.isFitted).toBe(false);
    expect(model.activePlane).toBe("xz");
  });
});

describe("moving", () => {
  it("by a drag takes the content along with the pointer", () => {
    expect(panBy(modelOf(), "xy", 10, -5).centerNm).toEqual([4096 - 40, 2048 + 20, 1300]);
    expect(panBy(modelOf(), "yz", 10, -5).centerNm).toEqual([4096, 2048 - 40, 1300 + 20]);
  });

  it("stops at the bounds", () => {
    expect(panBy(modelOf(), "xy", 1e9, 0).centerNm[0]).toBe(0);
    expect(centerOn(modelOf(), [1e9, 0, 0]).centerNm[0]).toBe(8192 - 2);
  });

  it("by keys lands on the middle of voxels, at least one further", () => {
    expect(stepAlong(modelOf(), "xy", 0, 32).centerNm[0]).toBe((1024 + 32 + 0.5) * 4);
    const close = { ...modelOf(), nmPerPixel: 0.01 };
    expect(stepAlong(close, "xy", 0, -32).centerNm[0]).toBe((1024 - 1 + 0.5) * 4);
  });

  it("through slices goes by voxels of the shown mip and ends at the last slice", () => {
    expect(stepSlice(modelOf(), "xy", 1).centerNm[2]).toBe(33.5 * 40);
    expect(stepSlice({ ...modelOf(), nmPerPixel: 16 }, "xz", -1).centerNm[1]).toBe((128 - 1 + 0.5) * 16 - 16 * 0);
    expect(stepSlice(modelOf(), "xy", 1000).centerNm[2]).toBe(63.5 * 40);
    expect(stepSlice(modelOf(), "xy", -1000).centerNm[2]).toBe(20);
  });

  it("in the plane ends fitting; stepping through the slices of one panel does not", () => {
    expect(stepSlice({ ...modelOf(), isFitted: true }, "xy", 1).isFitted).toBe(true);
    expect(stepSlice({ ...modelOf(), isFitted: true, layout: "all" }, "xy", 1).isFitted).toBe(false);
    expect(panBy({ ...modelOf(), isFitted: true }, "xy", 1, 0).isFitted).toBe(false);
  });
});

describe("zoom", () => {
  it("keeps the point under the cursor where it is", () => {
    const model = modelOf();
    const next = zoomAt(model, "xy", 2, [100, -50]);
    expect(next.nmPerPixel).toBe(2);
    expect(next.centerNm[0] + 100 * next.nmPerPixel).toBe(model.centerNm[0] + 100 * model.nmPerPixel);
    expect(next.centerNm[1] - 50 * next.nmPerPixel).toBe(model.centerNm[1] - 50 * model.nmPerPixel);
  });

  it("ends where a voxel or the volume has a sensible size", () => {
    expect(zoomAt(modelOf(), "xy", 1e9).nmPerPixel).toBe(4 / 128);
    expect(zoomAt(modelOf(), "xy", 1e-9).nmPerPixel).toBe(8192 / 32);
  });
});

describe("showWhole", () => {
  it("shows the whole volume around its centre", () => {
    const model = showWhole(modelOf(), [{ plane: "xy", width: 1000, height: 1000 }]);
    expect(model.centerNm).toEqual([4096, 2048, 1280]);
    expect(model.nmPerPixel).toBeCloseTo(8192 / 940, 10);
    expect(model.isFitted).toBe(true);
  });

  it("takes the zoom at which each of several panels holds it", () => {
    const sizes = [
      { plane: "xy", width: 1000, height: 1000 },
      { plane: "yz", width: 100, height: 1000 },
    ] as const;
    expect(showWhole(modelOf(), sizes).nmPerPixel).toBeCloseTo(4096 / 94, 10);
  });

  it("respects bounds that do not begin at 0 and changes nothing without a volume", () => {
    const model = modelOf([layerOf(1, [scaleOf([10, 10, 10], [300, 300, 300], [100, 200, 0])])]);
    expect(showWhole(model, [{ plane: "xy", width: 100, height: 100 }]).centerNm).toEqual([2000, 2500, 1500]);
    const empty = createModel();
    expect(showWhole(empty, [{ plane: "xy", width: 100, height: 100 }])).toBe(empty);
  });
});

describe("refit", () => {
  const sizes = [{ plane: "xy", width: 1000, height: 1000 }] as const;

  it("follows the size of the panels and keeps the slice", () => {
    const placed = stepSlice(showWhole(modelOf(), sizes), "xy", 3);
    const smaller = refit(placed, [{ plane: "xy", width: 500, height: 500 }]);
    expect(smaller.nmPerPixel).toBeCloseTo(8192 / 470, 10);
    expect(smaller.centerNm).toEqual([4096, 2048, 35.5 * 40]);
  });

  it("begins at the centre and leaves a view alone that was moved", () => {
    const fresh = withLayers(createModel(), [layerOf(1, anisotropicScales)]);
    expect(refit(fresh, sizes).centerNm).toEqual([4096, 2048, 1280]);
    const moved = panBy(modelOf(), "xy", 5, 5);
    expect(refit(moved, sizes)).toBe(moved);
  });
});

describe("mips by hand", () => {
  it("go one finer or coarser from the one that zoom chose, and back to automatic", () => {
    const model = { ...modelOf(), nmPerPixel: 8 };
    const coarser = stepMip(model, "xy", 1, 1);
    expect(coarser.layers[0]?.view.mip).toBe(2);
    expect(stepMip(coarser, "xy", -1, 1).layers[0]?.view.mip).toBe(1);
    expect(stepMip(coarser, "xy", 0, 1).layers[0]?.view).not.toHaveProperty("mip");
  });

  it("stay within the scales", () => {
    expect(stepMip(modelOf(), "xy", -1, 1).layers[0]?.view.mip).toBe(0);
    const coarsest = changeLayer(modelOf(), 1, (view) => ({ ...view, mip: 3 }));
    expect(stepMip(coarsest, "xy", 1, 1).layers[0]?.view.mip).toBe(3);
  });
});

describe("selection", () => {
  const selected = (model: ReturnType<typeof modelOf>): readonly string[] | undefined => model.layers[0]?.view.selected;

  it("replaces, toggles and clears labels", () => {
    const one = selectLabel(modelOf(), 1, "7", false);
    expect(selected(one)).toEqual(["7"]);
    expect(selected(selectLabel(one, 1, "8", false))).toEqual(["8"]);
    const two = selectLabel(one, 1, "8", true);
    expect(selected(two)).toEqual(["7", "8"]);
    expect(selected(selectLabel(two, 1, "7", true))).toEqual(["8"]);
    expect(selected(selectLabel(one, 1, "7", false))).toBeUndefined();
    expect(selected(clearSelection(two))).toBeUndefined();
  });

  it("of one among several keeps just that one", () => {
    const two = selectLabel(selectLabel(modelOf(), 1, "7", false), 1, "8", true);
    expect(selected(selectLabel(two, 1, "7", false))).toEqual(["7"]);
  });
});

describe("the layout", () => {
  it("of one plane makes its panel the active one", () => {
    expect(withLayout(modelOf(), "yz").activePlane).toBe("yz");
    expect(withLayout(withLayout(modelOf(), "yz"), "all").activePlane).toBe("yz");
  });
});
