type Cells = readonly string[];

/** A step that shrinks a column on a narrow terminal. Steps are taken in order. */
interface Squeeze {
  readonly column: number;
  readonly least: number;
}

interface TextTable {
  readonly head: Cells;
  readonly rows: readonly Cells[];
  /** Columns that are aligned to the right. */
  readonly right: ReadonlySet<number>;
  /**
   * Width of the terminal. If undefined, the output is not a terminal: nothing is wrapped, and each row has one line.
   */
  readonly columns: number | undefined;
  readonly squeeze: readonly Squeeze[];
}

const GAP = '  ';

/**
 * Renders a table without borders. Libraries take a millisecond for each row, which is longer than refining an account
 * of ten thousand principals.
 */
export function renderTextTable(table: TextTable): string {
  const widths = fit(table);
  return [table.head, ...table.rows].map((row) => renderRow(row, widths, table)).join('\n');
}

function renderRow(row: Cells, widths: readonly number[], { right, columns }: TextTable): string {
  const cells = row.map((text, column) => (columns === undefined ? [text] : wrap(text, widths[column] ?? 1)));
  const height = Math.max(...cells.map((lines) => lines.length));
  const lines: string[] = [];
  for (let line = 0; line < height; line += 1) {
    const parts = cells.map((texts, column) => {
      const text = texts[line] ?? '';
      const width = widths[column] ?? 0;
      return right.has(column) ? text.padStart(width) : text.padEnd(width);
    });
    lines.push(parts.join(GAP).trimEnd());
  }
  return lines.join('\n');
}

function fit({ head, rows, columns, squeeze }: TextTable): readonly number[] {
  const widths = head.map((title, column) =>
    rows.reduce((most, row) => Math.max(most, (row[column] ?? '').length), title.length),
  );
  if (columns === undefined) return widths;
  let excess = widths.reduce((sum, width) => sum + width, GAP.length * (widths.length - 1)) - columns;
  for (const { column, least } of squeeze) {
    const width = widths[column] ?? 0;
    const taken = Math.max(0, Math.min(excess, width - least));
    widths[column] = width - taken;
    excess -= taken;
  }
  return widths;
}

/**
 * Wraps text to lines no wider than `width`. A longer word continues on the next line, because it would be unreadable
 * if cut off.
 */
function wrap(text: string, width: number): readonly string[] {
  if (text.length <= width) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
    for (; line.length > width; line = line.slice(width)) lines.push(line.slice(0, width));
  }
  return [...lines, line];
}
