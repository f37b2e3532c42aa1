/** CSV text: whatever dialect a table is written in, the same numbers are read; and every mistake has its complaint. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readCsv } from '../../datasets/csv/csv.ts';
import { delimiters } from '../../datasets/csv/csv-dialect.ts';
import { CsvError } from '../../datasets/csv/csv-error.ts';

const dialects = fc.record({
  delimiter: fc.constantFrom(...delimiters),
  header: fc.boolean(),
  lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
  mark: fc.constantFrom('', '\ufeff'),
  isQuoted: fc.boolean(),
  blanks: fc.nat(2),
  emptyLines: fc.nat(2),
  comma: fc.boolean(),
  form: fc.constantFrom(plain, exponential, plus),
});
type Dialect = typeof dialects extends fc.Arbitrary<infer T> ? T : never;

/** JavaScript writes -0 without its sign; and of whole numbers beyond 2^53 digits that are not theirs. */
function plain(value: number): string {
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) return value.toExponential();
  return Object.is(value, -0) ? '-0' : String(value);
}

function exponential(value: number): string {
  return Object.is(value, -0) ? '-0.E0' : value.toExponential();
}

function plus(value: number): string {
  const text = plain(value);
  return text.startsWith('-') ? text : `+${text.replace(/^0\./, '.')}`;
}

const tables = fc
  .tuple(fc.integer({ min: 2, max: 5 }), fc.integer({ min: 1, max: 8 }))
  .chain(([columns, rows]) =>
    fc.record({
      names: fc.uniqueArray(fc.stringMatching(/^[a-z"|;, \n]{0,6}[a-z]$/), {
        minLength: columns,
        maxLength: columns,
        selector: (name) => name.trim(),
      }),
      rows: fc.array(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -3e38, max: 3e38 }), {
          minLength: columns,
          maxLength: columns,
        }),
        { minLength: rows, maxLength: rows },
      ),
    }),
  );

const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;

function write(names: readonly string[], rows: readonly (readonly number[])[], dialect: Dialect): string {
  const pad = ' '.repeat(dialect.blanks);
  const cell = (value: number) => {
    const text = dialect.form(value);
    const written = dialect.delimiter === ';' && dialect.comma ? text.replace('.', ',') : text;
    return `${pad}${dialect.isQuoted ? quote(written) : written}${pad}`;
  };
  const lines = rows.map((row) => row.map(cell).join(dialect.delimiter));
  if (dialect.header) lines.unshift(names.map(quote).join(dialect.delimiter));
  return dialect.mark + [...lines, ...Array(dialect.emptyLines).fill(pad)].join(dialect.lineEnd);
}

test('a table in any dialect is read back: the same float64 numbers', () => {
  fc.assert(
    fc.property(tables, dialects, ({ names, rows }, dialect) => {
      const text = write(names, rows, dialect);
      for (const told of [{}, { delimiter: dialect.delimiter, header: dialect.header }]) {
        const table = readCsv(text, told);
        expect(table.delimiter).toBe(dialect.delimiter);
        expect(table.hasHeader).toBe(dialect.header);
        expect(table.rows).toBe(rows.length);
        expect([...table.values]).toEqual(rows.flat());
        const wanted = dialect.header
          ? names.map((name) => name.trim())
          : names.map((_, i) => `column${i + 1}`);
        expect(table.columns).toEqual(wanted);
      }
    }),
    { numRuns: 300 },
  );
});

test('any text is a table of finite numbers or a CsvError that names a line of it', () => {
  const pieces = fc.constantFrom(
    '1',
    '-2.5',
    'a',
    ',',
    ';',
    '\t',
    ' ',
    '\n',
    '\r',
    '"',
    '.',
    '1e999',
    'NaN',
    '#',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
      const text = parts.join('');
      try {
        const { values, rows, columns } = readCsv(text);
        expect(values.length).toBe(rows * columns.length);
        expect(values.every(Number.isFinite)).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(CsvError);
        const { row, complaints, count } = error as CsvError;
        expect(row).toBeGreaterThanOrEqual(1);
        expect(row).toBeLessThanOrEqual(text.split(/\r\n|\r|\n/).length);
        expect(complaints.length).toBe(Math.min(count, 10));
      }
    }),
    { numRuns: 2000 },
  );
});

test('files as they are found: runs of blanks, blanks before tabs, blanks in a header, a column of names left out', () => {
  expect(readCsv(' 0.1  18.00   2\n 0.2   0.00   3 \n\n')).toMatchObject({
    delimiter: ' ',
    rows: 2,
    hasHeader: false,
  });
  expect(readCsv('540.0 \t0.0 \t28 \n332.5 \t1.5 \t9 \n')).toMatchObject({ delimiter: '\t', rows: 2 });
  expect(readCsv('1 \t2   3\n4\t 5 6').columns).toHaveLength(3);
  expect(readCsv('1\t\t2\n3\t\t4')).toMatchObject({ delimiter: ' ', values: Float64Array.of(1, 2, 3, 4) });
  expect(() => readCsv('1\t\t2\n3\t4\t')).toThrow('line 1, column 2: an empty cell');
  expect(readCsv('a b, c (%)\n1, 2\n').columns).toEqual(['a b', 'c (%)']);
  expect(readCsv('city,x,y\nRome,1,2\nOslo,3,4', { columns: ['y', 'x'] })).toMatchObject({
    columns: ['y', 'x'],
    values: Float64Array.of(2, 1, 4, 3),
  });
  expect(readCsv('2019,2020\n1,2', { header: true }).columns).toEqual(['2019', '2020']);
  expect(readCsv('x\n1\n2')).toMatchObject({ columns: ['x'], rows: 2 });
  expect([...readCsv('1,5;2\n3;4,25').values]).toEqual([1.5, 2, 3, 4.25]);
  expect(readCsv(',x\n0,1\n', { columns: ['x'] }).rows).toBe(1);
});

test.each([
  ['an empty text', '', 1, 1, /the text is empty/],
  ['empty lines alone', '\n\n \n', 1, 1, /the text is empty/],
  ['a header alone', 'a,b\n', 1, 1, /a header and no rows.*no header/],
  ['an empty cell', 'a,b\n1,2\n3,\n', 3, 2, /^csv: line 3, column 2 \('b'\): an empty cell; fill in/],
  ['text', 'a,b\n1,2\n3,4\n5,x\n', 4, 2, /'b'.*'x' is no number; correct it, or leave the column out/],
  [
    'a missing value',
    'a,b\n1,2\nNA,4\n5,6',
    3,
    1,
    /'NA' is a missing number; fill in a number, remove the row, or say what to do about/,
  ],
  ['NaN', '1,2\n3,nan', 2, 2, /'nan' is a missing number/],
  ['infinity', '1,2\n3,-Infinity', 2, 2, /not finite/],
  ['too large for float64', '1,2\n3,1e999', 2, 2, /beyond float32/],
  ['too large for float32', '1,2\n3,3.5e38', 2, 2, /beyond float32/],
  ['a hexadecimal number', '1,2\n3,0x10', 2, 2, /'0x10' is no number/],
  ['a row too short', 'a,b,c\n1,2,3\n4,5\n6,7,8', 3, 3, /'c'.*2 cells where line 1 has 3; fill in/],
  ['a row too long', 'a,b\n1,2\n3,4\n5,6,7\n', 4, 3, /3 cells where line 1 has 2; quote a cell/],
  ['an empty line between', '1,2\n\n3,4\n', 2, 1, /an empty line before the last row/],
  ['a column without a name', 'a,,c\n1,2,3\n', 1, 2, /no name/],
  ['a name twice', 'a,b,a\n1,2,3\n', 1, 3, /column 1 has the same name/],
  ['a bad cell in a first row', '?,2\n3,4\n', 1, 1, /'\?' is a missing number/],
  ['a half header', 'a,2019\n3,4\n', 1, 1, /'a' is no number.*the first line is a header/],
  ['a decimal comma', 'a,b\n"1,5",2\n3,4', 2, 1, /'1,5' has a decimal comma; say so/],
  ['a decimal comma beside a point', 'a;b\n1.5;2\n3;2,5', 3, 2, /a decimal comma, but not in line 2/],
  ['grouped thousands', 'a;b\n1.234,5;2\n3;4', 2, 1, /'1.234,5' has its thousands apart; say by what/],
  ['all cells of a first row missing', '?,NA\n3,x\n', 1, 1, /'\?' is a missing number/, 3],
  ['a comment', 'a,b\n# note,1\n1,2\n3,4', 2, 1, /a comment, remove the line/],
  ['an open quote', 'a,b\n1,"2\n3,4\n', 2, 2, /opened and never closed/],
  ['words after a quote', 'a,b\n1,"2"3\n4,5', 2, 2, /'3' follows a closing quote/],
  ['a line after a quoted line break', '"a\nb",c\n1,2\n3,x\n5,6', 4, 2, /'x'/],
  ['lines that end in CR', 'a,b\r1,2\r3,x\r4,5', 3, 2, /'x'/],
])('%s', (_, text, row, column, message, wanted = 1) => {
  let error: unknown;
  try {
    readCsv(text);
  } catch (caught) {
    error = caught;
  }
  expect(error).toBeInstanceOf(CsvError);
  expect(error).toMatchObject({ row, column, count: wanted });
  expect((error as Error).message).toMatch(message);
});

test('columns by number: from 0, or from the end; a name comes first', () => {
  const read = (columns: (string | number)[]) => [
    ...readCsv('1,a,0\n5,6,7', { header: true, columns }).values,
  ];
  expect(read([0, -1])).toEqual([5, 7]);
  expect(read(['-1', '-2'])).toEqual([7, 6]);
  expect(read(['0', '1'])).toEqual([7, 5]);
  expect(() => read([3])).toThrow(
    'no column 3; columns are numbered from 0 to 2, or from the end by -1, -2, …',
  );
  expect(() => read(['-4'])).toThrow('no column -4;');
  expect(() => read([0.5])).toThrow('no column 0.5;');
});

test('missing numbers are kept on request, however they are written; in the other columns all stays strict', () => {
  const keep = (text: string) => [...readCsv(text, { missing: 'keep' }).values];
  expect(keep('a,b,c\n1,,3\nNA,5,NaN\n?,"",null\n')).toEqual([1, NaN, 3, NaN, 5, NaN, NaN, NaN, NaN]);
  expect(keep('1 ? 3\n na -nan <NA>\n#N/A n/a 9\n')).toEqual([1, NaN, 3, NaN, NaN, NaN, NaN, NaN, 9]);
  expect(keep('1\t\t3\n4\t5\t\n')).toEqual([1, NaN, 3, 4, 5, NaN]);
  expect(keep('?;1,5\n.;-\n')).toEqual([NaN, 1.5, NaN, NaN]);
  for (const cell of ['x', 'inf', '1e39', 'NAN1', '--'])
    expect(() => keep(`a,b\n1,2\n3,${cell}`), cell).toThrow('line 3, column 2');
  expect(() => keep('a,b\n1,2\n3')).toThrow('1 cell where line 1 has 2');
});

test('missing numbers in any dialect, once it is known', () => {
  const marks = ['NA', 'NaN', 'nan', 'null', '?', 'None', 'n/a', '<NA>'];
  const mark = fc.constantFrom(...marks, '');
  fc.assert(
    fc.property(tables, dialects, mark, fc.nat(7), ({ names, rows }, dialect, written, nth) => {
      fc.pre(!(dialect.delimiter === ' ' && written === '' && !dialect.isQuoted));
      const holes = rows.map((row, i) => row.map((value, j) => ((i + j) % 8 === nth ? NaN : value)));
      const form = (value: number) => (Number.isNaN(value) ? written : dialect.form(value));
      const { delimiter, header } = dialect;
      const text = write(names, holes, { ...dialect, form, emptyLines: 0 });
      expect([...readCsv(text, { delimiter, header, missing: 'keep' }).values]).toEqual(holes.flat());
    }),
  );
});

test('a column of groups is read as text, and is none of the columns', () => {
  const text = 'person,x,y\nS01,1,2\n"S 2",3,4\n';
  const table = { columns: ['x', 'y'], rows: 2, values: Float64Array.of(1, 2, 3, 4), groups: ['S01', 'S 2'] };
  expect(readCsv(text, { group: 'person' })).toMatchObject(table);
  expect(readCsv(text, { group: 0, columns: ['person', 'x', 'y'] })).toMatchObject(table);
  expect(readCsv('1,2\n3,4').groups).toBeUndefined();
  expect(() => readCsv('id,x\n1,2\n,3', { group: 'id', missing: 'keep' })).toThrow(
    "line 3, column 1 ('id'): an empty cell where the row's group should be",
  );
  expect(() => readCsv(text, { group: 'persn' })).toThrow("no column 'persn', did you mean 'person'?");
  expect(() => readCsv('id\n1\n2', { group: 'id' })).toThrow('the only column is that of the groups');
});

test('columns that are not there, chosen twice, or none', () => {
  const read = (columns: string[]) => () => readCsv('a,b\n1,2', { columns, where: 'wine.csv' });
  expect(() => readCsv('fixed acidity,quality\n1,2', { columns: ['qualty'] })).toThrow(
    "no column 'qualty', did you mean 'quality'?",
  );
  expect(read(['c'])).toThrow("wine.csv: line 1, column 1: there is no column 'c'; there are 'a', 'b'");
  expect(read(['a', 'a'])).toThrow("'a' is chosen twice");
  expect(read([])).toThrow('no column is chosen');
});

test('ten complaints are listed in the order of the text, the rest is counted', () => {
  const rows = Array.from({ length: 30 }, (_, i) => (i < 12 ? `${i},,1` : `${i},1,1`));
  let error: unknown;
  try {
    readCsv(`a,b,c\n${rows.join('\n')}`);
  } catch (caught) {
    error = caught;
  }
  const { complaints, count, message } = error as CsvError;
  expect(count).toBe(12);
  expect(complaints.map(({ row }) => row)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  expect(message.split('\n')).toHaveLength(12);
  expect(message).toMatch(
    /^csv: 12 complaints\n {2}line 2, column 2 \('b'\): an empty cell.*[^]*and 2 more$/,
  );
});

test('a column of words is one complaint, which names it', () => {
  const text = 'city,x\nRome,1\nOslo,2\nBern,\nRome,4';
  expect(() => readCsv(text)).toThrow(
    /2 complaints\n {2}line 2, column 1 \('city'\): the column holds text \('Rome', …; 4 of 4 cells are no numbers\); leave it out/,
  );
});

test('texts that invite quadratic time are read; the time limit of a test is the check', () => {
  const n = 300_000;
  const [last] = [
    `a,b\n${'1'.repeat(n)}x,2`,
    `a,b\n${' '.repeat(n)}`,
    '"'.repeat(n),
    'x,\n'.repeat(n),
    '1,2\n'.repeat(n),
  ]
    .map((text) => {
      try {
        return readCsv(text, { delimiter: ',' }).rows;
      } catch (error) {
        expect(error).toBeInstanceOf(CsvError);
        return 0;
      }
    })
    .slice(-1);
  expect(last).toBe(n);
});
