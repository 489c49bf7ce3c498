/** Which contexts share a histogram: joined where that costs less than a histogram more. */

export interface Clusters {
  /** Of each context, its histogram; numbered by first use. */
  readonly map: readonly number[];
  readonly histograms: readonly Uint32Array[];
}

const mostClusters = 48;
/** What a histogram costs in bits, and a context that is not like its neighbour. */
const histogramBits = 60;

/**
 * Clusters around the histograms that are farthest from all that were chosen before, beginning with the one of most symbols. Contexts that never occur
 * go with the context before them, for a map of runs is short.
 */
export function clusterHistograms(counts: readonly Uint32Array[]): Clusters {
  const totals = counts.map(total);
  const bits = counts.map((histogram) => entropy(histogram));
  const used = [...counts.keys()].filter((context) => (totals[context] ?? 0) > 0);
  const centers: Uint32Array[] = [];
  const nearest = new Array<number>(counts.length).fill(0);
  const distances = new Array<number>(counts.length).fill(Number.POSITIVE_INFINITY);
  for (let next = used.toSorted((a, b) => (totals[b] ?? 0) - (totals[a] ?? 0))[0]; next !== undefined; ) {
    const center = counts[next] ?? new Uint32Array(0);
    const centerBits = bits[next] ?? 0;
    for (const context of used) {
      const distance = entropy(center, counts[context]) - centerBits - (bits[context] ?? 0);
      if (distance < (distances[context] ?? 0)) {
        distances[context] = distance;
        nearest[context] = centers.length;
      }
    }
    distances[next] = 0;
    nearest[next] = centers.length;
    centers.push(center);
    const farthest = used.toSorted((a, b) => (distances[b] ?? 0) - (distances[a] ?? 0))[0] ?? next;
    next = (distances[farthest] ?? 0) > histogramBits && centers.length < mostClusters ? farthest : undefined;
  }
  return number(counts, nearest, totals);
}

/** Numbers clusters by first use and adds up their histograms. */
function number(counts: readonly Uint32Array[], nearest: readonly number[], totals: readonly number[]): Clusters {
  const numbers = new Map<number, number>();
  const histograms: Uint32Array[] = [];
  let last = 0;
  const map = counts.map((histogram, context) => {
    if ((totals[context] ?? 0) === 0) {
      return last;
    }
    const cluster = nearest[context] ?? 0;
    const at = numbers.get(cluster) ?? histograms.length;
    numbers.set(cluster, at);
    histograms[at] = sum(histogram, histograms[at]);
    last = at;
    return at;
  });
  return { map, histograms: histograms.length > 0 ? histograms : [new Uint32Array(1)] };
}

function sum(a: Uint32Array, b: Uint32Array | undefined): Uint32Array {
  return a.map((count, symbol) => count + (b?.[symbol] ?? 0));
}

function total(counts: Uint32Array): number {
  return counts.reduce((all, count) => all + count, 0);
}

/** Bits of all symbols of a histogram, or of the sum of two, coded by their shares of it. */
function entropy(counts: Uint32Array, more?: Uint32Array): number {
  let [bits, all] = [0, 0];
  for (let symbol = 0; symbol < counts.length; symbol++) {
    const count = (counts[symbol] ?? 0) + (more?.[symbol] ?? 0);
    if (count > 0) {
      bits -= count * Math.log2(count);
      all += count;
    }
  }
  return all > 0 ? bits + all * Math.log2(all) : 0;
}
