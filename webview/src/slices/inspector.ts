/** What is under the pointer, or at the centre of the active panel for who moves by keys. */
import type { Plane, Triple } from "../../../schemas/protocol/volume.ts";
import { formatPosition } from "./format.ts";
import { voxelAt } from "./geometry.ts";
import { createProber, type ProberOptions } from "./probe.ts";
import type { LayerReadout } from "./readout.ts";
import type { DrawnPanel, SliceRenderer } from "./sliceRenderer.ts";
import { referenceLayer } from "./state.ts";
import type { StatusValue } from "./statusLine.ts";
import { nmAt, type Point, toDevice, type Viewport } from "./viewport.ts";

export class Inspector {
  readonly #renderer: SliceRenderer;
  readonly #prober;
  #viewport: Viewport;
  #drawn: readonly DrawnPanel[] = [];
  #hover: { readonly plane: Plane; readonly point: Point } | undefined;

  constructor(renderer: SliceRenderer, viewport: Viewport, probe: ProberOptions) {
    this.#renderer = renderer;
    this.#viewport = viewport;
    this.#prober = createProber(probe);
  }

  /** Takes over what was just drawn. */
  update(viewport: Viewport, drawn: readonly DrawnPanel[]): void {
    this.#viewport = viewport;
    this.#drawn = drawn;
  }

  /** The pointer moved, or left: then the centre counts. */
  setHover(plane: Plane, point: Point | undefined): void {
    this.#hover = point === undefined ? undefined : { plane, point };
  }

  /** Where the pointer is in a panel. */
  hoverIn(plane: Plane): Point | undefined {
    return this.#hover?.plane === plane ? this.#hover.point : undefined;
  }

  get pointNm(): Triple {
    return this.#hover === undefined
      ? this.#viewport.model.centerNm
      : nmAt(this.#viewport, this.#hover.plane, this.#hover.point);
  }

  /** The voxel of mip 0 of the lowest visible layer. */
  get voxel(): Triple | undefined {
    const scale = referenceLayer(this.#viewport.model)?.volume.scales[0];
    return scale && voxelAt(scale, this.pointNm);
  }

  /** The topmost label other than 0: at a point of a panel, at its centre, or where the inspector looks. */
  labelAt(plane = this.#plane, point = this.#hover?.point): LayerReadout | undefined {
    return this.#readouts(plane, point).find(({ label }) => label !== undefined && label !== 0n);
  }

  /** The values of the layers, bottom first. */
  values(): readonly StatusValue[] {
    const readouts = this.#readouts(this.#plane, this.#hover?.point);
    return this.#viewport.model.layers.flatMap(({ layer }): StatusValue[] => {
      const readout = readouts.find((candidate) => candidate.layer === layer.id);
      if (readout === undefined) {
        return [];
      }
      const text = readout.isMissing ? "no chunk" : (readout.text ?? this.#probe(readout));
      return [{ name: layer.name, text, ...(readout.label === undefined ? {} : { label: readout.label }) }];
    });
  }

  /** Why nothing is shown at a point of a panel, or at its centre. */
  remarkAt(plane: Plane, point: Point | undefined): string | undefined {
    const drawn = this.#drawn.find((panel) => panel.plane === plane);
    const [x, y] = toDevice(this.#viewport, plane, point);
    const remark = drawn?.plan.remarks.findLast(
      ({ rect }) => x >= rect.x0 && x < rect.x1 && y >= rect.y0 && y < rect.y1,
    );
    if (remark === undefined) {
      return undefined;
    }
    const name = this.#viewport.model.layers.find(({ layer }) => layer.id === remark.layer)?.layer.name ?? "";
    return remark.kind === "missing" ? `${name}: no chunk is stored here` : `${name}: ${remark.error?.message ?? ""}`;
  }

  /** Position, values and remarks as one sentence to be spoken. */
  describe(): string {
    const { voxel } = this;
    const values = this.values().map(({ name, text }) => `${name} ${text ?? "…"}`);
    const remark = this.remarkAt(this.#plane, this.#hover?.point);
    return [voxel === undefined ? "" : formatPosition(voxel), ...values, remark ?? ""]
      .filter((part) => part !== "")
      .join("; ");
  }

  get #plane(): Plane {
    return this.#hover?.plane ?? this.#viewport.model.activePlane;
  }

  #readouts(plane: Plane, point: Point | undefined): readonly LayerReadout[] {
    return this.#drawn.length === 0 ? [] : this.#renderer.readoutsAt(...toDevice(this.#viewport, plane, point));
  }

  #probe({ layer, mip }: LayerReadout): string | undefined {
    const entry = this.#viewport.model.layers.find((candidate) => candidate.layer.id === layer);
    const scale = entry?.layer.volume?.scales[mip];
    return scale && this.#prober.value({ layer, mip, position: voxelAt(scale, this.pointNm) });
  }
}
