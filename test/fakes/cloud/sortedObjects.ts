/** Objects by key, listed in the order of the services: UTF-8 bytes, which differs from JavaScript's own order behind U+D800. */

export interface ListRequest {
  readonly prefix: string;
  readonly delimiter: string;
  /** Only keys for which this is false before, and true from somewhere on. */
  isBehind(key: string): boolean;
  /** Keys and prefixes together. */
  readonly max: number;
}

export interface ListPage {
  readonly keys: readonly string[];
  readonly prefixes: readonly string[];
  /** Give it to `isBehindPlace`; absent at the end. */
  readonly next?: string;
}

/** A map whose keys can be listed by page without walking over all of them. */
export class SortedObjects<T> extends Map<string, T> {
  #sorted: string[] | undefined;

  override set(key: string, value: T): this {
    if (!this.has(key)) {
      this.#sorted = undefined;
    }
    return super.set(key, value);
  }

  override delete(key: string): boolean {
    const wasThere = super.delete(key);
    if (wasThere) {
      this.#sorted = undefined;
    }
    return wasThere;
  }

  override clear(): void {
    this.#sorted = undefined;
    super.clear();
  }

  /** One page, folded at the delimiter. */
  list({ prefix, delimiter, isBehind, max }: ListRequest): ListPage {
    this.#sorted ??= [...this.keys()].sort(compareKeys);
    const all = this.#sorted;
    const keys: string[] = [];
    const prefixes: string[] = [];
    let at = firstWhere(all, (key) => compareKeys(key, prefix) >= 0 && isBehind(key));
    let last = "";
    for (let key = all[at]; key?.startsWith(prefix); key = all[at]) {
      if (keys.length + prefixes.length === max) {
        return { keys, prefixes, ...(max > 0 && { next: last }) };
      }
      const cut = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
      if (cut === -1) {
        keys.push(key);
        last = `k${key}`;
        at++;
      } else {
        const folded = key.slice(0, cut + delimiter.length);
        prefixes.push(folded);
        last = `p${folded}`;
        at = firstWhere(all, (other) => compareKeys(other, folded) > 0 && !other.startsWith(folded), at);
      }
    }
    return { keys, prefixes };
  }
}

/** Keys behind a place that an earlier page gave as `next`. */
export function isBehindPlace(place: string): (key: string) => boolean {
  const name = place.slice(1);
  return place.startsWith("p")
    ? (key) => compareKeys(key, name) > 0 && !key.startsWith(name)
    : (key) => compareKeys(key, name) > 0;
}

/** The order of the UTF-8 bytes. */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const [left, right] = [a.charCodeAt(index), b.charCodeAt(index)];
    if (left !== right) {
      return rank(left) - rank(right);
    }
  }
  return a.length - b.length;
}

/** Surrogates stand for what comes behind U+FFFF. */
function rank(unit: number): number {
  return unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit;
}

function firstWhere(sorted: readonly string[], holds: (key: string) => boolean, from = 0): number {
  let [low, high] = [from, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(sorted[middle] ?? "")) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}
