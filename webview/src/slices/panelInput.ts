/** Pointer and wheel on a panel, as intentions: drag, click, double click, zoom at a point, step through slices. */

export interface PanelInputListener {
  /** The pointer is at a point of the panel, in CSS pixels from its corner; `undefined` when it left. */
  readonly hover: (point: readonly [x: number, y: number] | undefined) => void;
  readonly pan: (dx: number, dy: number) => void;
  readonly click: (point: readonly [x: number, y: number], isToggle: boolean) => void;
  readonly doubleClick: (point: readonly [x: number, y: number]) => void;
  readonly step: (slices: number) => void;
  readonly zoom: (factor: number, point: readonly [x: number, y: number]) => void;
}

/** Further than this a press is a drag. */
const dragThreshold = 4;
/** A wheel event of at least this many pixels is one notch of a mouse; smaller ones of a touchpad add up to one. */
const notch = 50;

/** Listens on `element` for as long as it lives. */
export function listenToPanel(element: HTMLElement, listener: PanelInputListener): void {
  listenToPointer(element, listener);
  listenToWheel(element, listener);
}

function listenToPointer(element: HTMLElement, listener: PanelInputListener): void {
  let last: readonly [number, number] | undefined;
  let travelled = 0;
  element.addEventListener("pointerdown", (event) => {
    if (event.button === 0 || event.button === 1) {
      last = [event.clientX, event.clientY];
      travelled = 0;
      element.setPointerCapture(event.pointerId);
    }
  });
  element.addEventListener("pointermove", (event) => {
    listener.hover(pointOf(element, event));
    if (last === undefined) {
      return;
    }
    const dx = event.clientX - last[0];
    const dy = event.clientY - last[1];
    travelled += Math.hypot(dx, dy);
    if (travelled > dragThreshold) {
      last = [event.clientX, event.clientY];
      element.classList.add("dragging");
      listener.pan(dx, dy);
    }
  });
  const end = (event: PointerEvent): void => {
    const wasClick =
      last !== undefined && travelled <= dragThreshold && event.type === "pointerup" && event.button === 0;
    last = undefined;
    element.classList.remove("dragging");
    if (wasClick) {
      listener.click(pointOf(element, event), event.shiftKey || event.ctrlKey || event.metaKey);
    }
  };
  element.addEventListener("pointerup", end);
  element.addEventListener("pointercancel", end);
  element.addEventListener("pointerleave", () => listener.hover(undefined));
  element.addEventListener("dblclick", (event) => listener.doubleClick(pointOf(element, event)));
}

function listenToWheel(element: HTMLElement, listener: PanelInputListener): void {
  let gathered = 0;
  const turn = (event: WheelEvent): void => {
    event.preventDefault();
    const delta = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : 40);
    if (event.ctrlKey || event.metaKey) {
      listener.zoom(Math.min(1.25, Math.max(0.8, Math.exp(-delta * 0.01))), pointOf(element, event));
      return;
    }
    gathered = Math.abs(delta) >= notch || Math.sign(delta) !== Math.sign(gathered) ? delta : gathered + delta;
    if (Math.abs(gathered) >= notch) {
      listener.step(Math.sign(gathered));
      gathered = 0;
    }
  };
  element.addEventListener("wheel", turn, { passive: false });
}

function pointOf(element: HTMLElement, event: MouseEvent): readonly [x: number, y: number] {
  const box = element.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}
