/** Exact values that tiles cannot hold: asked for when the pointer rests, only the latest counts. */
import type { Triple } from "../../../schemas/protocol/volume.ts";

export interface ProbeTarget {
  readonly layer: number;
  readonly mip: number;
  readonly position: Triple;
}

export interface Prober {
  /** The value at `target` if it is known; else it is asked for, and `answered` is called when it has come. */
  value(target: ProbeTarget): string | undefined;
}

export interface ProberOptions {
  readonly read: (target: ProbeTarget, signal: AbortSignal) => Promise<{ readonly values?: readonly string[] }>;
  readonly answered: () => void;
  /** How long the pointer must rest. */
  readonly delayMs?: number;
}

/** A prober that remembers its last answers, one per layer. */
export function createProber({ read, answered, delayMs = 60 }: ProberOptions): Prober {
  const answers = new Map<number, { readonly key: string; readonly text?: string }>();
  const pending = new Map<number, AbortController>();

  async function ask(key: string, target: ProbeTarget, controller: AbortController): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    if (controller.signal.aborted) {
      return;
    }
    const text = await read(target, controller.signal).then(
      ({ values }) => values?.join(", ") ?? "no data",
      () => "unknown",
    );
    if (!controller.signal.aborted) {
      answers.set(target.layer, { key, text });
      answered();
    }
  }

  return {
    value(target) {
      const key = `${target.mip}/${target.position.join("/")}`;
      const answer = answers.get(target.layer);
      if (answer?.key === key) {
        return answer.text;
      }
      answers.set(target.layer, { key });
      pending.get(target.layer)?.abort();
      const controller = new AbortController();
      pending.set(target.layer, controller);
      void ask(key, target, controller);
      return undefined;
    },
  };
}
