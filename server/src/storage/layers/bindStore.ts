/** What layers start from. */
import type { Store } from "../store.ts";

/** The members of a store as functions that need no `this`; a layer gives some of them new bodies. */
export function bindStore(store: Store): Store {
  return {
    location: store.location,
    capabilities: store.capabilities,
    get: (key, options) => store.get(key, options),
    ...(store.readInto && { readInto: store.readInto.bind(store) }),
    ...(store.openLocal && { openLocal: store.openLocal.bind(store) }),
    ...(store.stat && { stat: store.stat.bind(store) }),
    ...(store.put && { put: store.put.bind(store) }),
    ...(store.delete && { delete: store.delete.bind(store) }),
    ...(store.list && { list: store.list.bind(store) }),
    ...(store.dispose && { dispose: store.dispose.bind(store) }),
  };
}
