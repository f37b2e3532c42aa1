/** Reads a table of numbers from CSV text. Strict: what is no finite number in a full row is an error with its place. */
import { checkChoice, checkList, checkNumber, checkOptions, checkText } from '../../base/borders.ts';
import { checkColumns, checkColumn } from '../columns.ts';
import { delimiters } from './csv-dialect.ts';
import { type CsvOptions, CsvReader, type CsvTable } from './csv-reader.ts';

export type { CsvOptions, CsvTable } from './csv-reader.ts';

/**
 * Numbers are written as 1, -1.5, +1, .5, 1e-3; true and false, in any case, are 1 and 0. Where no comma stands between
 * cells, 1,5 is one and a half, if no number of the text has a decimal point. Values are float64. Columns without a header
 * are called column1, column2, ….
 *
 * An empty cell, ?, NA, N/A, NaN, null and the like, in any case, are missing numbers: see `completeRows` and `impute`.
 *
 * Cells may be quoted (RFC 4180). A byte order mark, any line ends, blanks around cells, empty lines at the end and Excel's
 * first line `sep=;` are fine; comments are not.
 *
 * @throws CsvError with the first ten places: a missing number unless kept, text, infinity, a number beyond float32, a
 *   whole one that float64 does not hold, a row with another number of cells, an empty line between rows, a column without
 *   a name or with another's, no rows at all; and where two readings are as good: '1.231' beside whole numbers, a first
 *   line 0, 1, 2 above decimals.
 */
export function readCsv(text: string, options: CsvOptions = {}): CsvTable {
  const where = 'readCsv';
  checkText(where, 'the table', text);
  checkOptions(where, options, OPTIONS);
  checkChoice(where, 'delimiter', options.delimiter, delimiters);
  checkChoice(where, 'decimal', options.decimal, ['.', ',']);
  checkChoice(where, 'thousands', options.thousands, ['.', ',', "'", '_', ' ']);
  checkNumber(where, 'skipLines', options.skipLines ?? 0, { from: 0, isWhole: true });
  checkChoice(where, 'header', options.header, [true, false]);
  checkChoice(where, 'missing', options.missing, ['keep']);
  if (options.missingValues) checkList(where, 'missingValues', options.missingValues);
  checkColumns(where, options.columns);
  checkColumn(where, 'group', options.group);
  if (options.classes !== true) checkColumn(where, 'classes', options.classes);
  return new CsvReader(text, options).read();
}

const OPTIONS =
  'delimiter decimal thousands skipLines header columns group classes missing missingValues where';
