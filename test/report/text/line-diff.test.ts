import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { diffLinesOf } from '../../../lambda/report/text/line-diff.ts';

const marked = (before: string, after: string): readonly string[] =>
  diffLinesOf(before, after).hunks.flatMap(({ lines }) =>
    lines.flatMap(({ kind, text }) => (kind === 'same' ? [] : [`${kind === 'removed' ? '-' : '+'}${text}`])),
  );

describe('the comparison of two documents', () => {
  it('does not mark a line if only its trailing comma changed', () => {
    expect(marked('[\n  "a",\n  "b"\n]', '[\n  "a"\n]')).toEqual(['-  "b"']);
  });

  it('folds unchanged lines of long texts and counts them', () => {
    const lines = Array.from({ length: 200 }, (_, i) => String(i));
    const diff = diffLinesOf(
      lines.join('\n'),
      lines.map((line) => (line === '10' ? 'ten' : line)).join('\n'),
    );
    expect(diff.hunks.map(({ skipped, lines: shown }) => [skipped, shown.length])).toEqual([[7, 8]]);
    expect(diff.skippedAtEnd).toBe(186);
  });

  it('shows short texts completely', () => {
    const diff = diffLinesOf('1\n2\n3\n4\n5\n6\n7\n8', '1\n2\n3\n4\n5\n6\n7\neight');
    expect(diff.hunks.map(({ lines }) => lines.length)).toEqual([9]);
    expect(diff.skippedAtEnd).toBe(0);
  });

  it('contains every line of both texts once', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', 'c,', 'c'), { maxLength: 200 })
      .map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(text, text, (before, after) => {
        const { hunks, skippedAtEnd } = diffLinesOf(before, after);
        const folded = skippedAtEnd + hunks.reduce((sum, { skipped }) => sum + skipped, 0);
        const lines = hunks.flatMap((hunk) => hunk.lines);
        expect(lines.filter(({ kind }) => kind !== 'added').length + folded).toBe(before.split('\n').length);
        expect(lines.filter(({ kind }) => kind !== 'removed').length + folded).toBe(after.split('\n').length);
      }),
    );
  });
});
