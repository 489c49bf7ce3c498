import { describe, expect, it } from "vitest";
import type { WireError } from "../../../../schemas/errors.ts";
import { createScheduler, type ScheduledItem } from "../../../../webview/src/slices/scheduler.ts";

interface Request {
  readonly signal: AbortSignal;
  readonly resolve: (value: string) => void;
  readonly reject: (error: unknown) => void;
}

/** A scheduler whose reads are answered by hand. */
function setUp(maxInFlight = 2) {
  const requests = new Map<string, Request[]>();
  const loaded: string[] = [];
  const asked: string[] = [];
  const scheduler = createScheduler<string, string>({
    maxInFlight,
    read: (address, signal) =>
      new Promise((resolve, reject) => {
        asked.push(address);
        requests.set(address, [...(requests.get(address) ?? []), { signal, resolve, reject }]);
      }),
    loaded: (key, _, result) => {
      if (result === "broken") {
        throw new Error("cannot be decoded");
      }
      loaded.push(`${key}=${result}`);
    },
    toWireError: (error): WireError => ({ tag: "internal", message: (error as Error).message }),
    changed: () => undefined,
  });
  const want = (...keys: string[]): void =>
    scheduler.setWanted(
      keys.map((key): ScheduledItem<string> => ({ key, address: key, isPrefetch: key.startsWith("next") })),
    );
  const last = (key: string): Request => {
    const request = requests.get(key)?.at(-1);
    if (request === undefined) {
      throw new Error(`"${key}" was not asked for`);
    }
    return request;
  };
  const answer = async (key: string, value = "tile"): Promise<void> => {
    last(key).resolve(value);
    await settle();
  };
  const fail = async (key: string): Promise<void> => {
    last(key).reject(new Error("no such chunk"));
    await settle();
  };
  return { scheduler, loaded, asked, want, last, answer, fail };
}

/** Lets promise reactions run. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) {
    await Promise.resolve();
  }
}

describe("the scheduler", () => {
  it("asks for the most urgent items, a few at a time", async () => {
    const { asked, want, answer, loaded } = setUp();
    want("a", "b", "c");
    expect(asked).toEqual(["a", "b"]);
    await answer("b");
    expect(asked).toEqual(["a", "b", "c"]);
    expect(loaded).toEqual(["b=tile"]);
  });

  it("has eight requests under way unless told otherwise", () => {
    const asked: string[] = [];
    const scheduler = createScheduler<string, string>({
      read: (address) => {
        asked.push(address);
        return new Promise(() => undefined);
      },
      loaded: () => undefined,
      toWireError: () => ({ tag: "internal", message: "" }),
      changed: () => undefined,
    });
    scheduler.setWanted(
      Array.from({ length: 20 }, (_, index) => ({ key: `${index}`, address: `${index}`, isPrefetch: false })),
    );
    expect(asked).toHaveLength(8);
  });

  it("cancels what is wanted no longer and keeps what still is", () => {
    const { asked, want, last } = setUp();
    want("a", "b");
    want("b", "c");
    expect(last("a").signal.aborted).toBe(true);
    expect(last("b").signal.aborted).toBe(false);
    expect(asked).toEqual(["a", "b", "c"]);
  });

  it("asks once for an item that is wanted twice", () => {
    const { asked, want } = setUp();
    want("a", "a");
    expect(asked).toEqual(["a"]);
  });

  it("drops a late answer to a cancelled request", async () => {
    const { want, last, loaded } = setUp();
    want("a");
    const late = last("a");
    want("b");
    late.resolve("late");
    await settle();
    expect(loaded).toEqual([]);
  });

  it("asks again when an item comes back after it was cancelled, and takes only the second answer", async () => {
    const { want, last, loaded, answer } = setUp();
    want("a");
    const first = last("a");
    want("b");
    want("a");
    first.resolve("first");
    await settle();
    await answer("a", "second");
    expect(loaded).toEqual(["a=second"]);
  });

  it("does not repeat what failed until somebody asks", async () => {
    const { scheduler, asked, want, fail } = setUp();
    want("a");
    await fail("a");
    want("a");
    expect(asked).toEqual(["a"]);
    expect(scheduler.failure("a")).toEqual({ tag: "internal", message: "no such chunk" });
    expect(scheduler.countPending()).toBe(0);
    scheduler.retry((key) => key === "other");
    expect(asked).toEqual(["a"]);
    scheduler.retry((key) => key === "a");
    expect(asked).toEqual(["a", "a"]);
    expect(scheduler.failure("a")).toBeUndefined();
  });

  it("counts an answer that cannot be taken over as a failure", async () => {
    const { scheduler, want, answer } = setUp();
    want("a");
    await answer("a", "broken");
    expect(scheduler.failure("a")?.message).toBe("cannot be decoded");
  });

  it("goes on with the others after a failure", async () => {
    const { asked, want, fail } = setUp(1);
    want("a", "b");
    await fail("a");
    expect(asked).toEqual(["a", "b"]);
  });

  it("asks for everything again after a restart", async () => {
    const { scheduler, asked, want, fail, last } = setUp(3);
    want("a", "b");
    await fail("a");
    const pending = last("b");
    scheduler.restart();
    expect(pending.signal.aborted).toBe(true);
    expect(asked).toEqual(["a", "b", "a", "b"]);
  });

  it("counts what is pending without what is fetched ahead", async () => {
    const { scheduler, want, answer } = setUp();
    want("a", "b", "next");
    expect(scheduler.countPending()).toBe(2);
    await answer("a");
    await answer("b");
    expect(scheduler.countPending()).toBe(0);
  });

  it("cancels everything when it is disposed, and starts nothing more", async () => {
    const { scheduler, asked, want, last } = setUp(1);
    want("a", "b");
    scheduler.dispose();
    scheduler.dispose();
    expect(last("a").signal.aborted).toBe(true);
    scheduler.retry();
    await settle();
    expect(asked).toEqual(["a"]);
  });
});
