/** What stands above a table: told once, not for every row. */
import { lineAt } from './csv-complaints.ts';
import { firstRecords } from './csv-dialect.ts';
import type { Delimiter } from './csv-records.ts';

/** At a place of the text. */
export interface LeadProblem {
  readonly at: number;
  readonly problem: string;
}

/** Excel's first line that says what stands between cells: the sign, and where the next line begins. */
export function separatorLine(text: string, from: number): { sign: string; next: number } | undefined {
  const line = /^\ufeff?"?sep=(.)"?[ \t,;]*(?:\r\n|\n|\r|$)/isu.exec(text.slice(from, from + 64));
  return line ? { sign: line[1]!, next: from + line[0].length } : undefined;
}

/** Where the line behind the first `count` ones begins. */
export function behindLines(text: string, count: number): number {
  let at = 0;
  for (let line = 0; line < count && at < text.length; line++) {
    const end = /\r\n|\n|\r/g;
    end.lastIndex = at;
    const found = end.exec(text);
    at = found ? end.lastIndex : text.length;
  }
  return at;
}

/** Undefined where the first line has as many cells as most lines, and is no comment. */
export function leadProblem(text: string, delimiter: Delimiter, from: number): LeadProblem | undefined {
  const records = firstRecords(text, delimiter, from);
  const [first, ...others] = records;
  if (!first || others.length < 2) return undefined;
  const counts = new Map<number, number>();
  for (const { cells } of others) counts.set(cells.length, (counts.get(cells.length) ?? 0) + 1);
  const [width, alike] = [...counts].reduce((most, entry) => (entry[1] > most[1] ? entry : most));
  const own = first.cells.length;
  if (own === width || alike < 2 || alike <= others.length / 2) return undefined;
  const at = first.start;
  const fail = (problem: string) => ({ at, problem });
  const begins = records.find(({ cells }) => cells.length === width)!;
  const above = lineAt(text, begins.start) - lineAt(text, from);
  if (/^["\ufeff]*#/.test(text.slice(at, at + 3)))
    return fail(
      `the line begins with #, a comment? Remove ${above === 1 ? 'it' : `the ${above} lines above the table`}, or skip ` +
        `${above === 1 ? 'it' : 'them'} (skip lines: ${above}); if it names the columns, take the # out of it`,
    );
  if (width === own + 1 && alike === others.length)
    return fail(
      'every row has one cell more than this line: are the first ones names of rows, or is a decimal comma taken for a sign ' +
        'between cells? Put a name in front of this line, and leave that column out (exclude 0), or write decimal points',
    );
  const lines = above === 1 ? 'this line has' : `the first ${above} lines have`;
  return fail(
    `${lines} not the ${width} cells of most lines; skip what stands above the table (skip lines: ${above}), or give each ` +
      'column a name',
  );
}
