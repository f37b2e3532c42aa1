/** Tables whose lines are not all alike: names of rows without a name of their own, signs at the ends of lines. */
import { expect, test } from 'vitest';
import { csvColumns } from '../../datasets/csv/csv-columns.ts';
import { readCsv } from '../../datasets/csv/csv.ts';

const rows = (row: (i: number) => string, end = '\n') =>
  Array.from({ length: 20 }, (_, i) => row(i) + end).join('');
const header = ['a', 'b'];

test.each([
  ['names of rows in quotes, between blanks', `"a" "b"\n${rows((i) => `"${i + 1}" ${i} 2.5`)}`],
  ['names of rows as words', `a,b\n${rows((i) => `car ${i},${i},2.5`)}`],
  ['names of rows that count up', `a\tb\n${rows((i) => `${i + 1}\t${i}\t2.5`)}`],
  ['a sign at each row’s end', `a,b\n${rows((i) => `${i},2.5,`)}`],
  ['a sign at each line’s end', `a;b;\n${rows((i) => `${i};2.5;`)}`],
  ['several of them', `a,b,,,\n${rows((i) => `${i},2.5,,,`)}`],
  ['but for the last line', `a,b,\r\n${rows((i) => `${i},2.5,`, '\r\n')}20,2.5`],
])('%s', (_, text) => {
  const table = readCsv(text);
  expect(table.columns).toEqual(header);
  expect([...table.values.slice(0, 4)]).toEqual([0, 2.5, 1, 2.5]);
  expect(table.notes).toHaveLength(1);
  expect(csvColumns(text)).toEqual({ columns: header, hasHeader: true });
  // Numbers count what has a name.
  expect([...readCsv(text, { columns: [-1] }).values.slice(0, 2)]).toEqual([2.5, 2.5]);
});

test('without a header, too', () => {
  expect(readCsv(rows((i) => `${i},2.5,`)).columns).toEqual(['column1', 'column2']);
  expect(() => readCsv(rows((i) => `${i},1,2.5`) + 'x,1,2,3')).toThrow('4 cells where line 1 has 3');
});

test('what stands behind the last sign of one line is complained about', () => {
  const text = `a,b,\n${rows((i) => (i === 15 ? '1,2,3' : `${i},2.5,`))}`;
  expect(() => readCsv(text)).not.toThrow(/TypeError/);
  expect(() => readCsv(text)).toThrow(/line (1|17)/);
});

test('a column with a name is one, also where all its cells are empty', () => {
  const { columns, notes } = readCsv(`a,b,c\n${rows((i) => `${i},1.5,`)}`, { missing: 'keep' });
  expect([columns, notes]).toEqual([['a', 'b', 'c'], []]);
});

test('lines that are no table’s are refused before cells are made of them', () => {
  expect(() => readCsv(','.repeat(2 ** 24 + 2))).toThrow('line 1, column 1: the line has more than 16777216');
  expect(() => readCsv(`${','.repeat(2 ** 21)}\n`)).toThrow('the line has 1048576 cells or more');
  expect(() => readCsv(`a,b\n1,2\n${','.repeat(2 ** 21)}\n`)).toThrow(
    'line 3, column 1: the line has 1048576',
  );
  expect(() => readCsv('\n'.repeat(2 ** 22))).toThrow('the text is empty');
  expect(() => readCsv(`a\n1\n${'\n'.repeat(2 ** 22)}2\n`)).toThrow('line 3, column 1');
});
