/**
 * What a thread is decoding, in a few shared words that the pool's owner watches: no decoder may run for ever.
 *
 * A kernel cannot be interrupted from inside its thread. The thread says when it begins and ends a chunk and how long that may take;
 * the watch, in the main thread, finds one that is overdue, and its thread is replaced.
 */
import type { Vec3 } from "../base/vec3.ts";
import type { Pulse } from "./contract.ts";

const Slot = { Turn: 0, AllowedMs: 1, X: 2, Y: 3, Z: 4, Length: 5 } as const;

/** The reading end. */
export interface PulseWatch {
  /**
   * The chunk whose decoder has run for longer than it may, as far as the calls of this function have seen it: call it every second or so,
   * with a clock's milliseconds.
   */
  overdue(nowMs: number): Vec3 | undefined;
}

/** The words that a thread and its watch share. */
export function createPulseMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(Slot.Length * 4);
}

export function createPulse(memory: SharedArrayBuffer): Pulse {
  const slots = new Int32Array(memory);
  return {
    begin(position, allowedMs) {
      slots.set([allowedMs, ...position], Slot.AllowedMs);
      Atomics.add(slots, Slot.Turn, 1);
    },
    end() {
      Atomics.add(slots, Slot.Turn, 1);
    },
  };
}

/** What a gap between two looks counts at most: a machine that was asleep decoded nothing. */
const mostGapMs = 5000;

export function createPulseWatch(memory: SharedArrayBuffer): PulseWatch {
  const slots = new Int32Array(memory);
  let turn = 0;
  let seenMs = 0;
  let lastMs = 0;
  return {
    overdue(nowMs) {
      const latest = Atomics.load(slots, Slot.Turn);
      seenMs = latest === turn ? seenMs + Math.min(nowMs - lastMs, mostGapMs) : 0;
      turn = latest;
      lastMs = nowMs;
      const [allowedMs = 0, x = 0, y = 0, z = 0] = slots.subarray(Slot.AllowedMs);
      const isDecoding = (latest & 1) === 1 && Atomics.load(slots, Slot.Turn) === latest;
      return isDecoding && seenMs > allowedMs ? [x, y, z] : undefined;
    },
  };
}
