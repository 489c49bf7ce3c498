/** CSS colours of a theme as numbers, for what is drawn by hand. */

/** Red, green, blue 0..255 and opacity 0..1. */
export type ParsedColor = readonly [red: number, green: number, blue: number, opacity: number];

/** Reads `#rgb`, `#rgba`, `#rrggbb`, `#rrggbbaa`, `rgb(…)` and `rgba(…)`, the forms that themes use; others give `undefined`. */
export function parseColor(text: string): ParsedColor | undefined {
  const hex = /^#([0-9a-f]{3,8})$/i.exec(text.trim())?.[1];
  if (hex !== undefined) {
    return parseHex(hex);
  }
  const parts = /^rgba?\(([^)]*)\)$/i.exec(text.trim())?.[1]?.split(/[\s,/]+/);
  const numbers = (parts ?? []).filter((part) => part !== "").map(parsePart);
  const [red, green, blue, opacity = 1] = numbers;
  if (red === undefined || green === undefined || blue === undefined || numbers.some(Number.isNaN)) {
    return undefined;
  }
  return [red, green, blue, opacity];
}

function parseHex(hex: string): ParsedColor | undefined {
  const isShort = hex.length < 6;
  if (hex.length === 5 || hex.length === 7) {
    return undefined;
  }
  const digits = isShort ? [...hex].map((digit) => digit + digit) : (hex.match(/../g) ?? []);
  const [red = 0, green = 0, blue = 0, alpha = 255] = digits.map((digit) => Number.parseInt(digit, 16));
  return [red, green, blue, alpha / 255];
}

function parsePart(part: string): number {
  return part.endsWith("%") ? Number(part.slice(0, -1)) / 100 : Number(part);
}
