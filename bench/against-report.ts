/** What two checkouts side by side came to, as text. */
import { type TableColumn as Column, textTable } from '../base/text-table.ts';
import { type AgainstReport, type AgainstRow, titleOf } from './against.ts';
import { formatMs } from './report/report.ts';

/** Table, what failed, what differs, and the sum in the last line; without a line end. */
export function againstText({ adapter, limit, rows, failures }: AgainstReport): string {
  const differing = rows.filter(({ difference }) => difference);
  return [
    ...(rows.length === 0 ? [] : [...textTable(columnsOf(rows), rows), '', `Adapter: ${adapter}.`]),
    'Milliseconds are medians, here and there; the ratio is the median over pairs of here ÷ there, with a 95 % interval.',
    `Slower or faster: the interval lies beyond ${limit} or 1/${limit} as a whole, and fresh processes showed it again.`,
    ...differing.map((row) => `${titleOf(row, row.variant)}: other numbers: ${row.difference}`),
    ...failures.map(({ work, where, reason }) => `${work}: not compared, fails ${where}: ${reason}`),
    sumLine(rows, failures.length),
  ].join('\n');
}

/** Whether this checkout lost something: a row is slower, or a work fails here that the other may well do. */
export function isWorse({ rows, failures }: AgainstReport): boolean {
  return rows.some(({ verdict }) => verdict === 'slower') || failures.some(({ where }) => where === 'here');
}

function columnsOf(rows: readonly AgainstRow[]): Column<AgainstRow>[] {
  const left = (title: string, cell: (row: AgainstRow) => string) =>
    ({ title, align: 'left', cell }) as const;
  const right = (title: string, cell: (row: AgainstRow) => string) =>
    ({ title, align: 'right', cell }) as const;
  return [
    left('work', ({ name }) => name),
    left('shape', ({ shape }) => shape),
    ...(rows.some(({ variant }) => variant !== '') ? [left('way', ({ variant }) => variant)] : []),
    right('here', ({ here }) => formatMs(here)),
    right('there', ({ there }) => formatMs(there)),
    right('ratio', ({ ratio }) => ratio.toFixed(3)),
    left('95 %', ({ low, high }) => `${low.toFixed(3)} to ${high.toFixed(3)}`),
    right('pairs', ({ pairs, processes }) => (processes === 1 ? String(pairs) : `${processes}×${pairs}`)),
    left('verdict', ({ verdict }) => verdict),
  ];
}

function sumLine(rows: readonly AgainstRow[], failed: number): string {
  const count = (verdict: AgainstRow['verdict']) => rows.filter((row) => row.verdict === verdict).length;
  const mean = Math.exp(rows.reduce((sum, { ratio }) => sum + Math.log(ratio), 0) / rows.length);
  const all = rows.length === 0 ? '' : `; geometric mean of the ratios ${mean.toFixed(3)}`;
  const left = failed === 0 ? '' : `, ${failed} not compared`;
  return (
    `${rows.length} works: ${count('slower')} slower, ${count('faster')} faster, ` +
    `${count('no difference shown')} without a difference${left}${all}`
  );
}
