import type { Store } from "../../server/src/storage/store.ts";

/** The methods that the test needs; where the store lacks one the test is skipped. */
export function needed<K extends keyof Store>(
  store: Store,
  skip: (note: string) => never,
  ...names: readonly K[]
): Store & Required<Pick<Store, K>> {
  const missing = names.find((name) => store[name] === undefined);
  return missing === undefined ? (store as Store & Required<Pick<Store, K>>) : skip(`without ${missing}`); // all are there
}
