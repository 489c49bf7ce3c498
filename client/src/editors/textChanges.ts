/** Replacements in a text, and how several that follow each other become one set against the text at the start. */

/** Replaces `length` characters at `offset` by `text`. */
export interface TextChange {
  readonly offset: number;
  readonly length: number;
  readonly text: string;
}

/** `text` after one change. */
export function applyChange(text: string, { offset, length, text: replacement }: TextChange): string {
  return text.slice(0, offset) + replacement + text.slice(offset + length);
}

/**
 * Adds `next`, which counts in the text that `changes` made, to `changes`, which count in the original and are sorted and apart. The
 * result counts in the original. Changes that touch each other become one.
 *
 * @param changed the original after `changes`
 */
export function composeChanges(
  changes: readonly TextChange[],
  next: TextChange,
  changed: string,
): readonly TextChange[] {
  const before: TextChange[] = [];
  const after: TextChange[] = [];
  let start = next.offset;
  let end = next.offset + next.length;
  let shift = 0;
  let shiftAtStart = 0;
  let shiftAtEnd = 0;
  for (const change of changes) {
    const changeStart = change.offset + shift;
    const changeEnd = changeStart + change.text.length;
    const shiftAfter = shift + change.text.length - change.length;
    if (changeEnd < next.offset) {
      before.push(change);
      shiftAtStart = shiftAfter;
      shiftAtEnd = shiftAfter;
    } else if (changeStart > next.offset + next.length) {
      after.push(change);
    } else {
      start = Math.min(start, changeStart);
      end = Math.max(end, changeEnd);
      shiftAtEnd = shiftAfter;
    }
    shift = shiftAfter;
  }
  const text = changed.slice(start, next.offset) + next.text + changed.slice(next.offset + next.length, end);
  const merged = { offset: start - shiftAtStart, length: end - shiftAtEnd - (start - shiftAtStart), text };
  return [...before, merged, ...after];
}
