/** Sixteen bits of a number between 2^-14 and 65504, to the nearest: 1 sign, 5 exponent, 10 fraction. */
export function halfFloat(value: number): number {
  const exponent = Math.floor(Math.log2(value));
  return ((exponent + 15) << 10) + Math.round((value / 2 ** exponent - 1) * 1024);
}
