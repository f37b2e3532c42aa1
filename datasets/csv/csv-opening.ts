/** How a text is to be read, from what was told and from what it shows: where the table begins, and its dialect. */
import { behindLines, type LeadProblem, leadProblem, separatorLine } from './csv-lead.ts';
import { delimiterNames, delimiterOf, delimiters } from './csv-dialect.ts';
import { type CsvLayout, layoutOf } from './csv-layout.ts';
import { type Decimal, type NumberStyle, styleOf, type Thousands } from './csv-number.ts';
import type { Delimiter } from './csv-records.ts';

/** What can be told. */
export interface CsvWriting {
  /** Between cells; ' ' means runs of blanks. Found from the text if left out. */
  delimiter?: Delimiter | undefined;
  /** Before decimals. If left out a point, or a comma where none stands between cells and no number has a point. */
  decimal?: Decimal | undefined;
  /** Between groups of three digits; nothing if left out. */
  thousands?: Thousands | undefined;
  /** Lines above the table that are not read. */
  skipLines?: number | undefined;
}

export interface OpenedCsv {
  readonly delimiter: Delimiter;
  readonly style: NumberStyle;
  /** Where the table begins. */
  readonly from: number;
  /** Where its lines are not all alike. */
  readonly layout?: CsvLayout | undefined;
  /** Why it cannot be read. */
  readonly problem?: LeadProblem | undefined;
}

/** Characters of a first line; longer ones are no table. */
const LONGEST_LINE = 2 ** 24;

/** `header` is as for `readCsv`. */
export function openCsv(text: string, { skipLines = 0, ...told }: CsvWriting, header?: boolean): OpenedCsv {
  const start = behindLines(text, skipLines);
  const said = separatorLine(text, start);
  const from = said?.next ?? start;
  const delimiter = told.delimiter ?? knownSign(said?.sign) ?? delimiterOf(text, from, told);
  const style = styleOf(delimiter, told);
  if (said && !told.delimiter && !knownSign(said.sign)) {
    const known = delimiters.map((sign) => delimiterNames[sign]).join(', ');
    const problem = `the line says that '${said.sign}' stands between cells; there are ${known}`;
    return { delimiter, style, from, problem: { at: start, problem } };
  }
  if (style.thousands !== undefined && style.thousands === style.decimal) {
    const problem = `'${style.thousands}' cannot be the decimal sign and group thousands; say which it is`;
    return { delimiter, style, from, problem: { at: start, problem } };
  }
  if (lineEnd(text, from) - from > LONGEST_LINE) {
    const problem = `the line has more than ${LONGEST_LINE} characters; a table has lines, and names or numbers in them`;
    return { delimiter, style, from, problem: { at: from, problem } };
  }
  const layout = layoutOf(text, { delimiter, style, from }, header);
  if (layout) return { delimiter, style, from, layout };
  return { delimiter, style, from, problem: leadProblem(text, delimiter, from) };
}

function knownSign(sign: string | undefined): Delimiter | undefined {
  return delimiters.find((known) => known === sign);
}

function lineEnd(text: string, from: number): number {
  const ends = ['\n', '\r'].map((sign) => text.indexOf(sign, from)).filter((at) => at >= 0);
  return Math.min(text.length, ...ends);
}
