/** Code lengths of a Huffman code, none longer than a limit. */

/** One length for each of `weights`, from 1 to `limit`; symbols of weight 0 have a length, too. */
export function huffmanLengths(weights: ArrayLike<number>, limit: number): Uint8Array {
  const scaled = Array.from(weights, (weight) => Math.max(1, weight));
  while (true) {
    const lengths = unlimitedLengths(scaled);
    if (lengths.every((length) => length <= limit)) {
      return lengths;
    }
    // Flatter weights give a flatter tree.
    for (const [i, weight] of scaled.entries()) {
      scaled[i] = 1 + (weight >> 1);
    }
  }
}

/** By two queues: the leaves in order of weight, and the nodes, which come in that order by themselves. */
function unlimitedLengths(weights: readonly number[]): Uint8Array {
  const count = weights.length;
  const leaves = weights.map((_, symbol) => symbol).sort((a, b) => (weights[a] ?? 0) - (weights[b] ?? 0));
  const parents = new Int32Array(2 * count);
  const nodeWeights: number[] = [];
  let leaf = 0;
  let node = 0;
  const takeLightest = (parent: number): number => {
    const ofLeaf = leaf < count ? (weights[leaves[leaf] ?? 0] ?? 0) : Number.POSITIVE_INFINITY;
    const ofNode = nodeWeights[node] ?? Number.POSITIVE_INFINITY;
    if (ofLeaf <= ofNode) {
      parents[leaves[leaf++] ?? 0] = parent;
      return ofLeaf;
    }
    parents[count + node++] = parent;
    return ofNode;
  };
  for (let i = 0; i < count - 1; i++) {
    nodeWeights.push(takeLightest(count + i) + takeLightest(count + i));
  }
  const depths = new Uint8Array(2 * count);
  for (let i = 2 * count - 3; i >= 0; i--) {
    depths[i] = (depths[parents[i] ?? 0] ?? 0) + 1;
  }
  return count === 1 ? Uint8Array.of(1) : depths.slice(0, count);
}
