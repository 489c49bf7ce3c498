/** VS Code now and then loses the script of a webview: when it does not report, its page is loaded once more. Knows no `vscode`. */

/** Time for a webview's script to say "ready". */
export const readyTimeoutMs = 10_000;

export interface ReadyWatchOptions {
  /** A hidden webview need not report. */
  readonly isVisible: () => boolean;
  /** Loads the page again. Called at most once in the life of the watch. */
  readonly reload: () => void;
  /** The second load did not report either. */
  readonly gaveUp: () => void;
}

export interface ReadyWatch {
  /** The page was loaded, or is shown again: expects a report, unless one is expected. */
  expect(): void;
  /** The script reported. */
  ready(): void;
  dispose(): void;
}

export function createReadyWatch({ isVisible, reload, gaveUp }: ReadyWatchOptions): ReadyWatch {
  let timer: NodeJS.Timeout | undefined;
  let hasReloaded = false;

  function stop(): void {
    clearTimeout(timer);
    timer = undefined;
  }

  function expire(): void {
    timer = undefined;
    if (!isVisible()) {
      return;
    }
    if (hasReloaded) {
      gaveUp();
      return;
    }
    hasReloaded = true;
    reload();
    expect();
  }

  function expect(): void {
    timer ??= setTimeout(expire, readyTimeoutMs);
  }

  return { expect, ready: stop, dispose: stop };
}
