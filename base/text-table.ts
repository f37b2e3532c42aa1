/** Tables of any rows, as aligned text for a terminal and as Markdown for documents; cells may hold names of strangers. */
import { visibleLine } from './visible.ts';

export interface TableColumn<Row> {
  title: string;
  /** Numbers stand to the right, words to the left. */
  align: 'left' | 'right';
  cell: (row: Row) => string;
}

/** Lines of aligned text. */
export function textTable<Row>(columns: readonly TableColumn<Row>[], rows: readonly Row[]): string[] {
  const cells = rows.map((row) => columns.map(({ cell }) => visibleLine(cell(row))));
  const widths = columns.map(({ title }, i) => Math.max(title.length, ...cells.map((row) => row[i]!.length)));
  const line = (texts: string[]) =>
    texts
      .map((text, i) => (columns[i]!.align === 'left' ? text.padEnd(widths[i]!) : text.padStart(widths[i]!)))
      .join('  ')
      .trimEnd();
  return [
    line(columns.map(({ title }) => title)),
    line(widths.map((width) => '─'.repeat(width))),
    ...cells.map(line),
  ];
}

/** A text in Markdown, as it is: no markup, no link, no HTML, on one line. */
export function escapeMarkdown(text: string): string {
  return visibleLine(text)
    .replaceAll('\\', '\\\\')
    .replaceAll(/[|`*~]/g, '\\$&')
    .replaceAll('](', ']\\(')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

/** Lines of Markdown. Cells are Markdown themselves, unless `escape` makes text of them. */
export function markdownTable<Row>(
  columns: readonly TableColumn<Row>[],
  rows: readonly Row[],
  escape: (text: string) => string = (text) => text,
): string[] {
  const line = (texts: string[]) => `| ${texts.map(escape).join(' | ')} |`;
  return [
    line(columns.map(({ title }) => title)),
    `| ${columns.map(({ align }) => (align === 'left' ? '---' : '--:')).join(' | ')} |`,
    ...rows.map((row) => line(columns.map(({ cell }) => cell(row)))),
  ];
}
