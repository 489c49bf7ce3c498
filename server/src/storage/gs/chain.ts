/** What this machine has for credentials, looked for once and for a short time only. */
import type { TokenClient } from "./tokenClients.ts";

/** Makes a client of what was found. */
export type OpenFound = () => Promise<TokenClient>;

/** Looks for credentials; what takes long before the search itself is done first. */
export type PrepareSearch = () => Promise<() => Promise<OpenFound | undefined>>;

/**
 * A search that begins once. After `timeoutMs` its answer is "nothing", until it ends after all: a machine of Google's may be slow to say who it is.
 * A search that fails begins anew.
 */
export function createChainSearch(prepare: PrepareSearch, timeoutMs: number): () => Promise<TokenClient | undefined> {
  let search: Promise<OpenFound | undefined> | undefined;
  let found: OpenFound | undefined;
  let isLate = false;
  const begin = (find: () => Promise<OpenFound | undefined>): Promise<OpenFound | undefined> =>
    find().then(
      (open) => {
        found = open;
        return open;
      },
      (error: unknown) => {
        search = undefined;
        throw error;
      },
    );
  return async () => {
    const find = search === undefined ? await prepare() : undefined;
    search ??= find && begin(find);
    if (!isLate && search !== undefined) {
      isLate = !(await endsWithin(search, timeoutMs));
    }
    return found?.();
  };
}

/** Rejects as the promise does. */
async function endsWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  try {
    return await Promise.race([promise.then(() => true), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
