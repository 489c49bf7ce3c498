import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createReadyWatch, readyTimeoutMs } from "../../../../client/src/panels/readyWatch.ts";

describe("createReadyWatch", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function create(isVisible = true) {
    const reload = vi.fn();
    const gaveUp = vi.fn();
    return { reload, gaveUp, watch: createReadyWatch({ isVisible: () => isVisible, reload, gaveUp }) };
  }

  it("does nothing when the script reports in time", () => {
    const { watch, reload } = create();
    watch.expect();
    vi.advanceTimersByTime(readyTimeoutMs - 1);
    watch.ready();
    vi.advanceTimersByTime(10 * readyTimeoutMs);
    expect(reload).not.toHaveBeenCalled();
  });

  it("loads the page again, once, and then gives up", () => {
    const { watch, reload, gaveUp } = create();
    watch.expect();
    watch.expect();
    vi.advanceTimersByTime(readyTimeoutMs);
    expect(reload).toHaveBeenCalledOnce();
    expect(gaveUp).not.toHaveBeenCalled();
    vi.advanceTimersByTime(readyTimeoutMs);
    expect(reload).toHaveBeenCalledOnce();
    expect(gaveUp).toHaveBeenCalledOnce();
  });

  it("leaves a hidden view alone", () => {
    const { watch, reload } = create(false);
    watch.expect();
    vi.advanceTimersByTime(readyTimeoutMs);
    expect(reload).not.toHaveBeenCalled();
  });

  it("ends with its panel", () => {
    const { watch, reload } = create();
    watch.expect();
    watch.dispose();
    vi.advanceTimersByTime(readyTimeoutMs);
    expect(reload).not.toHaveBeenCalled();
  });
});
