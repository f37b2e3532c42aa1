/** The names of a CSV text's columns, found as `readCsv` finds them, without a look at the rows. */
import { delimiterOf, isEmpty, isHeader } from './csv-dialect.ts';
import { csvRecords } from './csv-records.ts';

export interface CsvColumns {
  readonly columns: readonly string[];
  readonly hasHeader: boolean;
}

/** Of a text without rows none. `header` as for `readCsv`. */
export function csvColumns(text: string, { header }: { header?: boolean | undefined } = {}): CsvColumns {
  const delimiter = delimiterOf(text);
  for (const record of csvRecords(text, delimiter)) {
    if (isEmpty(record)) continue;
    const hasHeader = header ?? isHeader(record, delimiter);
    return { hasHeader, columns: hasHeader ? record.cells : record.cells.map((_, i) => `column${i + 1}`) };
  }
  return { columns: [], hasHeader: false };
}
