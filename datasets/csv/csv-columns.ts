/** The names of a CSV text's columns, found as `readCsv` finds them, without a look at the rows. */
import { isEmpty, isHeader } from './csv-dialect.ts';
import { openCsv, type CsvWriting } from './csv-opening.ts';
import { laidOut } from './csv-layout.ts';
import { csvRecords } from './csv-records.ts';

export interface CsvColumns {
  readonly columns: readonly string[];
  readonly hasHeader: boolean;
}

/** Of a text without rows none. Options as for `readCsv`. */
export function csvColumns(
  text: string,
  writing: CsvWriting & { header?: boolean | undefined } = {},
): CsvColumns {
  const { delimiter, style, from, layout, problem } = openCsv(text, writing, writing.header);
  // Who reads the rows says what is wrong.
  if (problem) return { columns: [], hasHeader: false };
  for (const whole of csvRecords(text, delimiter, from)) {
    if (isEmpty(whole)) continue;
    const record = laidOut(whole, layout, true);
    const hasHeader = writing.header ?? isHeader(record, style);
    return { hasHeader, columns: hasHeader ? record.cells : record.cells.map((_, i) => `column${i + 1}`) };
  }
  return { columns: [], hasHeader: false };
}
