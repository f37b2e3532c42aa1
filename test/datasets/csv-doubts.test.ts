/** CSV that can be read in two ways: refused or said, and read as told; and cures that make no other number of a cell. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CsvOptions, readCsv } from '../../datasets/csv/csv.ts';
import { CsvError } from '../../datasets/csv/csv-error.ts';

const valuesOf = (text: string, options: CsvOptions = {}) => [...readCsv(text, options).values];

function complaintOf(text: string, options: CsvOptions = {}): { count: number; message: string } {
  try {
    readCsv(text, options);
  } catch (error) {
    expect(error).toBeInstanceOf(CsvError);
    return error as CsvError;
  }
  throw new Error(`read: ${text}`);
}

test.each([
  ['a point', 'area;price\n128;1.231\n105;417\n45;171\n'],
  ['a comma', 'area;price\n128;1,231\n105;417\n45;171\n'],
  ['a comma between tabs', 'area\tprice\n128\t1,231\n105\t417\n45\t171\n'],
  ['a point between bars', 'area|price\n128|1.231\n105|417\n45|171\n'],
])('%s with three digits behind it, beside whole numbers, is refused until it is told', (_, text) => {
  const { count, message } = complaintOf(text);
  expect(count).toBe(1);
  expect(message).toMatch(
    /line 2, column 2 \('price'\): '1[.,]231' may be 1231 or 1\.231.*'417' in line 3 has none/,
  );
  const sign = text.includes('1.231') ? '.' : ',';
  expect(valuesOf(text, { thousands: sign })).toEqual([128, 1231, 105, 417, 45, 171]);
  expect(valuesOf(text, { decimal: sign })).toEqual([128, 1.231, 105, 417, 45, 171]);
});

test('a number that cannot be thousands settles it for all columns', () => {
  expect(valuesOf('a;b\n1.231;0.5\n417;2.25\n')).toEqual([1.231, 0.5, 417, 2.25]);
  expect(valuesOf('a;b\n1,231;0,5\n417;2,25\n')).toEqual([1.231, 0.5, 417, 2.25]);
  expect(valuesOf('a;b\n1.231;7\n0.417;8\n5;9\n')).toEqual([1.231, 7, 0.417, 8, 5, 9]);
  expect(valuesOf('a;b\n1234.567;7\n5;9\n')).toEqual([1234.567, 7, 5, 9]);
});

test('what is read as decimals without a proof is said', () => {
  const between = readCsv('a,b\n1.231,7\n417,8\n');
  expect([...between.values]).toEqual([1.231, 7, 417, 8]);
  expect(between.notes).toEqual([
    expect.stringMatching(/^line 2, column 1: '1\.231' may be 1231 or 1\.231.*read as decimal$/),
  ]);
  // A column of nothing else, between semicolons.
  expect(readCsv('a;b\n1.231;7\n2.417;8\n').notes).toHaveLength(1);
  expect(readCsv('a,b\n1.231,7\n2.417,8\n').notes).toEqual([]);
  expect(readCsv('a,b\n0.5,7\n417,8\n').notes).toEqual([]);
});

test('thousands apart, as told; groups of other lengths are none', () => {
  const read = (cell: string, thousands: '.' | ',' | "'" | '_' | ' ') =>
    valuesOf(`a|b\n${cell}|1\n`, { delimiter: '|', thousands })[0];
  expect(read('1,234,567.5', ',')).toBe(1234567.5);
  expect(read('-1.234.567,5', '.')).toBe(-1234567.5);
  expect(read('12 345', ' ')).toBe(12345);
  expect(read('12\u202f345', ' ')).toBe(12345);
  expect(read('12’345.5', "'")).toBe(12345.5);
  expect(read('1_000', '_')).toBe(1000);
  expect(read('417', ',')).toBe(417);
  for (const cell of ['1,23', '1234,567', '12,3456', ',123', '1,,234'])
    expect(() => read(cell, ','), cell).toThrow('line 2, column 1');
  expect(() => readCsv('a;b\n1;2', { decimal: ',', thousands: ',' })).toThrow(
    'cannot be the decimal sign and',
  );
});

test('numbers written with thousands are read back', () => {
  const numbers = fc.array(fc.tuple(fc.double({ noNaN: true, min: -1e12, max: 1e12 }), fc.nat(3)), {
    minLength: 2,
  });
  const styles = fc.constantFrom(
    ['en-US', ',', '.'],
    ['de-DE', '.', ','],
    ['de-CH', "'", '.'],
    ['fr-FR', ' ', ','],
  );
  fc.assert(
    fc.property(numbers, styles, (rows, [locale, thousands, decimal]) => {
      const options = { thousands, decimal, delimiter: ';', header: false } as CsvOptions;
      const rounded = rows.map(([value, digits]) => [Number(value.toFixed(digits)), digits] as const);
      const written = rounded.map(([value, digits]) =>
        value.toLocaleString(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }),
      );
      expect(valuesOf(written.map((cell) => `${cell.replace('−', '-')};0`).join('\n'), options)).toEqual(
        rounded.flatMap(([value]) => [value, 0]),
      );
    }),
  );
});

test.each([
  ['numbers of columns', '0,1,2\n9.5,3.25,7\n1,2,3\n'],
  ['with an index', ',0,1,2\n0,9.5,3.25,7\n1,0.5,8,9\n'],
  ['years', '2019,2020,2021\n9.5,3.25,7\n'],
  ['each tenth', '10,20,30,40\n1.5,2,3,4\n'],
])('a first line of whole numbers that count up, above decimals: %s', (_, text) => {
  const missing = { missing: 'keep' } as const;
  expect(complaintOf(text, missing).message).toMatch(
    /^csv: line 1, column 1: .* may name the columns.*header/,
  );
  expect(readCsv(text, { ...missing, header: true, columns: [1, 2] }).rows).toBe(text.split('\n').length - 2);
  expect(readCsv(text, { ...missing, header: false }).rows).toBe(text.split('\n').length - 1);
});

test('rows that merely begin so are rows', () => {
  for (const text of ['0,1,2\n3,4,5\n', '3,1,2\n0.5,1,2\n', '0.5,1,2\n1,2,3\n', '0,1\n2,3\n'])
    expect(readCsv(text).hasHeader, text).toBe(false);
});

test('whole numbers that float64 does not hold are refused, others are read', () => {
  const { message } = complaintOf('id,y\n9007199254740993,1\n9007199254740995,2\n');
  expect(message).toMatch(/'9007199254740993' has more digits than a number can hold, 2\^53/);
  expect(valuesOf('a,b\n9007199254740992,1\n9007199254740994,2\n')[2]).toBe(9007199254740994);
  expect(complaintOf('a,b\n-9007199254740993.0,1\n').message).toContain('more digits than a number');
  expect(valuesOf('a,b\n9.007199254740993e15,1\n12345678901234567.5,2\n')).toHaveLength(4);
  expect(readCsv('id,y\n9007199254740993,1\n', { columns: ['y'] }).rows).toBe(1);
});

test('true and false are 1 and 0, in a column of nothing else', () => {
  expect(valuesOf('a,flag\n1.5,TRUE\n2.5,FALSE\n3.5,true\n')).toEqual([1.5, 1, 2.5, 0, 3.5, 1]);
  expect(complaintOf('a,flag\n1.5,TRUE\n2.5,2\n').message).toContain(
    'a truth value, and line 3 has a number',
  );
});

test.each([
  ['sep=;', 'sep=;\na;b\n1,5;2\n', {}, [1.5, 2]],
  ['sep=; with a mark and CRLF', '\ufeffSEP=;\r\na;b\r\n1;2\r\n', {}, [1, 2]],
  ['decimal commas between tabs', 'a\tb\n1,5\t2\n3\t4,25\n', {}, [1.5, 2, 3, 4.25]],
  ['lines above the table', 'Report\nof 2020, all\n\na,b\n1,2\n', { skipLines: 3 }, [1, 2]],
  ['comments above the table', '# a\r\n# b, c\r\na,b\r\n1,2\r\n', { skipLines: 2 }, [1, 2]],
  [
    'what else is missing',
    'a,b\n-999,2\n-999.0,x\n',
    { missing: 'keep', missingValues: ['-999', 'x'] },
    [NaN, 2, NaN, NaN],
  ],
] as const)('%s', (_, text, options, values) => {
  expect(valuesOf(text, options as CsvOptions)).toEqual(values);
});

const rows = (line: (i: number) => string) => Array.from({ length: 20 }, (_, i) => line(i)).join('\n');

test.each([
  [
    'comments',
    `# station 12, exported\n# units: m\na,b,c\n${rows((i) => `${i},1,2`)}`,
    /line 1.*begins with #.*skip lines: 2/,
  ],
  [
    'titles',
    `Station report\nof 2020\n\na,b,c\n${rows((i) => `${i},1,2`)}`,
    /line 1.*not the 3 cells.*skip lines: 3/,
  ],
  [
    'one cell more than names, which are none of rows',
    `a,b\n${rows((i) => `${i % 3},5,2.5`)}`,
    /line 1.*one cell more than this line.*names of rows.*decimal comma/,
  ],
  ['units', `a,b\nm,s\n${rows((i) => `${i},1.5`)}`, /line 1.*holds no number: units/],
  [
    'an index without a name',
    `,a,b\n${rows((i) => `${i},1,2.5`)}`,
    /column 1.*no name, as an index of pandas.*exclude 0/,
  ],
  ['a sign that stands for nothing', 'sep=:\na:b\n1:2', /':' stands between cells; there are tabs/],
])('%s: one complaint, where it is', (_, text, message) => {
  const { count, message: said } = complaintOf(text);
  expect(count).toBe(1);
  expect(said).toMatch(message);
});

test.each([
  ['1,231', /may be thousands or decimals.*1231.*1\.231/],
  ['1,231,456', /has its thousands apart; say by what/],
  ['$5', /amount of money; take the sign of the currency out/],
  ['12.50 €', /amount of money/],
  ['42 %', /percentage; take the sign out in all rows/],
  ['1D+03', /Fortran's exponent; write E for D/],
  ['2021-03-04', /date or a time/],
  ['4.3.2021', /date or a time/],
  ['12:30', /date or a time/],
  ['5 kg', /has a unit; take it out in all rows/],
  ['red', /is no number; correct it/],
])('the cure for %s keeps its number', (cell, message) => {
  expect(complaintOf(`a,b\n1,2\n"${cell}",3\n4,5\n`).message).toMatch(message);
  // Of a whole column it is one complaint, with the same cure.
  const column = complaintOf(`a,b\n${rows((i) => `"${cell}",${i}`)}`);
  expect(column.count).toBe(1);
  if (cell !== 'red') expect(column.message).not.toContain('categories');
});

test('300,000 columns are read in time that grows with their number; the limit of a test is the check', () => {
  const columns = Array.from({ length: 300_000 }, (_, i) => `c${i}`);
  const text = `${columns.join(',')}\n${columns.map((_, i) => i / 4).join(',')}\n`;
  const table = readCsv(text, { columns: columns.toReversed() });
  expect(table.columns[0]).toBe('c299999');
  expect(table.values.at(-2)).toBe(0.25);
});

test('names that would steer a terminal are shown as they are', () => {
  const { message } = complaintOf('a,"\u001b[2Jx"\n1,2\n3,\u202ey\n');
  expect(message).toContain('\\u{1b}[2Jx');
  expect(message).toContain('\\u{202e}y');
  for (const mark of ['\u001b', '\u202e']) expect(message).not.toContain(mark);
});
