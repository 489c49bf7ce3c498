import { describe, expect, it, vi } from "vitest";
import { debounce } from "../../../../client/src/base/debounce.ts";
import { DisposableStore } from "../../../../client/src/base/disposable.ts";
import { untranslated } from "../../../../client/src/base/l10n.ts";

describe("DisposableStore", () => {
  it("disposes in reverse order, once", () => {
    const log: string[] = [];
    const store = new DisposableStore();
    store.add({ dispose: () => log.push("first") });
    store.add({ dispose: () => log.push("second") });
    store.dispose();
    store.dispose();
    expect(log).toEqual(["second", "first"]);
  });

  it("disposes at once what is added too late", () => {
    const store = new DisposableStore();
    store.dispose();
    const dispose = vi.fn();
    store.add({ dispose });
    expect(dispose).toHaveBeenCalledOnce();
  });
});

describe("debounce", () => {
  it("runs once after a burst, and not after it is disposed", () => {
    vi.useFakeTimers();
    try {
      const action = vi.fn();
      const run = debounce(action, 100);
      run();
      vi.advanceTimersByTime(99);
      run();
      vi.advanceTimersByTime(100);
      expect(action).toHaveBeenCalledOnce();
      run();
      run.dispose();
      vi.advanceTimersByTime(1000);
      expect(action).toHaveBeenCalledOnce();
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("untranslated", () => {
  it("fills in the arguments by number", () => {
    expect(untranslated("{1} of {0}", 10, "3")).toBe("3 of 10");
  });
});
