/** A registry of named things: a duplicate throws, an unknown name lists the known ones, a failed load is forgotten. */
import { InternalError, UnsupportedError } from "../errors.ts";

export interface Registry<D extends { readonly name: string }> {
  /** The descriptor of this name. Throws UnsupportedError, with the known names. */
  get(name: string): D;
  find(name: string): D | undefined;
  readonly names: readonly string[];
}

/** `what` names the kind of thing in messages: "encoding", "format". */
export function createRegistry<D extends { readonly name: string }>(
  what: string,
  descriptors: readonly D[],
): Registry<D> {
  const byName = new Map<string, D>();
  for (const descriptor of descriptors) {
    if (byName.has(descriptor.name)) {
      throw new InternalError(`${what} registered twice: "${descriptor.name}"`);
    }
    byName.set(descriptor.name, descriptor);
  }
  const names = [...byName.keys()];
  return {
    names,
    find: (name) => byName.get(name),
    get(name) {
      const descriptor = byName.get(name);
      if (descriptor === undefined) {
        throw new UnsupportedError(`unknown ${what}: "${name}" (known: ${names.join(", ")})`);
      }
      return descriptor;
    },
  };
}

/** Memoised `load()` by name; a load that failed is tried again next time. */
export function createLoader<T>(
  registry: Registry<{ readonly name: string; load(): Promise<T> }>,
): (name: string) => Promise<T> {
  const loaded = new Map<string, Promise<T>>();
  return async (name) => {
    let loading = loaded.get(name);
    if (loading === undefined) {
      loading = registry.get(name).load();
      loaded.set(name, loading);
      loading.catch(() => loaded.delete(name));
    }
    return loading;
  };
}
