export type Cells = readonly string[];

/** How a column may give way on a narrow terminal: steps are taken in order. */
export interface Squeeze {
  readonly column: number;
  readonly least: number;
}

export interface TextTable {
  readonly head: Cells;
  readonly rows: readonly Cells[];
  /** Columns whose text stands at their right edge. */
  readonly right: ReadonlySet<number>;
  /** Width of the terminal; undefined when it is not one: then nothing is wrapped and each row has one line. */
  readonly columns: number | undefined;
  readonly squeeze: readonly Squeeze[];
}

const GAP = '  ';

/**
 * A table without borders. Libraries take a millisecond for each row, which for an account of ten thousand principals
 * is longer than refining them.
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

/** Lines no wider than `width`. A longer word continues in the next line; cut off, it would be unreadable. */
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
