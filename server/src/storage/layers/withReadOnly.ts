/** A store without its writes: for redirected layers, and for places that must stay as they are. */
import type { Store } from "../store.ts";
import { bindStore } from "./bindStore.ts";

/** The same store, read-only. Disposing it disposes the store. */
export function withReadOnly(store: Store): Store {
  const { put: _put, delete: _delete, ...reads } = bindStore(store);
  return { ...reads, capabilities: { ...store.capabilities, write: false } };
}
