/** Tables of any rows, as aligned text for a terminal and as Markdown for documents. */

export interface TableColumn<Row> {
  title: string;
  /** Numbers stand to the right, words to the left. */
  align: 'left' | 'right';
  cell: (row: Row) => string;
}

/** Lines of aligned text. */
export function textTable<Row>(columns: readonly TableColumn<Row>[], rows: readonly Row[]): string[] {
  const widths = columns.map(({ title, cell }) =>
    Math.max(title.length, ...rows.map((row) => cell(row).length)),
  );
  const line = (texts: string[]) =>
    texts
      .map((text, i) => (columns[i]!.align === 'left' ? text.padEnd(widths[i]!) : text.padStart(widths[i]!)))
      .join('  ')
      .trimEnd();
  return [
    line(columns.map(({ title }) => title)),
    line(widths.map((width) => '─'.repeat(width))),
    ...rows.map((row) => line(columns.map(({ cell }) => cell(row)))),
  ];
}

/** Lines of Markdown. */
export function markdownTable<Row>(columns: readonly TableColumn<Row>[], rows: readonly Row[]): string[] {
  const line = (texts: string[]) => `| ${texts.join(' | ')} |`;
  return [
    line(columns.map(({ title }) => title)),
    line(columns.map(({ align }) => (align === 'left' ? '---' : '--:'))),
    ...rows.map((row) => line(columns.map(({ cell }) => cell(row)))),
  ];
}
