/** Tables of text for a terminal. */

/**
 * Prints rows of the same columns; the first column is aligned left, the others right.
 * @param {readonly Readonly<Record<string, string>>[]} rows
 */
export function printTable(rows) {
  const columns = Object.keys(rows[0] ?? {});
  const widths = columns.map((column) => Math.max(column.length, ...rows.map((row) => (row[column] ?? "").length)));
  /** @param {readonly string[]} cells */
  const line = (cells) =>
    cells
      .map((cell, index) => (index === 0 ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0)))
      .join("  ");
  console.log(line(columns));
  console.log(line(widths.map((width) => "-".repeat(width))));
  for (const row of rows) {
    console.log(line(columns.map((column) => row[column] ?? "")));
  }
}
