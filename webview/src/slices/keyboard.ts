/** What a key means on a focused panel. Chords with Ctrl, Meta or Alt belong to VS Code. */
import type { SliceCommand } from "../../../schemas/messages/slices.ts";

export type KeyAction =
  | { readonly kind: "command"; readonly name: SliceCommand }
  | { readonly kind: "move"; readonly across: number; readonly down: number }
  | { readonly kind: "pick"; readonly isToggle: boolean }
  | { readonly kind: "clear" | "toggleOverlay" | "help" };

/** The parts of a keyboard event that matter. */
export interface KeyPress {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

/** CSS pixels that an arrow moves, and with Shift. */
const step = 32;
const largeStep = 256;

const commands: Readonly<Record<string, SliceCommand>> = {
  PageDown: "nextSlice",
  ".": "nextSlice",
  PageUp: "previousSlice",
  ",": "previousSlice",
  "+": "zoomIn",
  "=": "zoomIn",
  "-": "zoomOut",
  _: "zoomOut",
  "[": "finerMip",
  "]": "coarserMip",
  "\\": "automaticMip",
  Home: "resetView",
  "1": "layoutXy",
  "2": "layoutXz",
  "3": "layoutYz",
  "4": "layoutAll",
};

/** The keys in words, for the help and for screen readers. */
export const keyHelp: readonly (readonly [keys: string, meaning: string])[] = [
  ["Arrows", "move (with Shift further)"],
  ["Page Down, Page Up", "next and previous slice"],
  ["+, -", "zoom"],
  ["Enter", "select the label at the centre (with Shift one more)"],
  ["Esc", "select nothing"],
  ["[, ], \\", "finer, coarser, automatic resolution"],
  ["1, 2, 3, 4", "xy, xz, yz, all planes"],
  ["H", "hide or show the labels"],
  ["Home", "show the whole volume"],
  ["Tab", "next panel"],
  ["Wheel, Ctrl+Wheel", "slices, zoom"],
  ["Drag, double click, click", "move, centre, select"],
];

/** The action of a key, if it has one. */
export function actionOfKey(press: KeyPress): KeyAction | undefined {
  if (press.ctrlKey || press.metaKey || press.altKey) {
    return undefined;
  }
  const distance = press.shiftKey ? largeStep : step;
  switch (press.key) {
    case "ArrowLeft":
      return { kind: "move", across: -distance, down: 0 };
    case "ArrowRight":
      return { kind: "move", across: distance, down: 0 };
    case "ArrowUp":
      return { kind: "move", across: 0, down: -distance };
    case "ArrowDown":
      return { kind: "move", across: 0, down: distance };
    case "Enter":
      return { kind: "pick", isToggle: press.shiftKey };
    case "Escape":
      return { kind: "clear" };
    case "h":
    case "H":
      return { kind: "toggleOverlay" };
    case "?":
      return { kind: "help" };
    default: {
      const name = Object.hasOwn(commands, press.key) ? commands[press.key] : undefined;
      return name === undefined ? undefined : { kind: "command", name };
    }
  }
}
