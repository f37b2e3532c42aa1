/** What a benchmark found: as a table for people, as JSON, and as a section of RESULTS.md. */
import { formatPercent } from '../../base/format.ts';
import { type TableColumn as Column, markdownTable, textTable } from '../../base/text-table.ts';
import type { ColdStart } from '../cold-start.ts';
import type { Timing } from '../harness.ts';
import type { Bound, Roofline } from '../roofline.ts';
import type { Clock } from '../works/work.ts';

export interface Row extends Timing {
  readonly name: string;
  readonly shape: string;
  /** One of several ways that were measured: 'eager', 'composed', 'native'. */
  readonly variant: string;
  /** Of the first execution, with all that is compiled for it; left out where that came from the driver's cache. */
  readonly firstMs?: number;
  readonly gflops: number;
  /** Of the bytes that have to be read and written at least. */
  readonly gbs: number;
  /** Operations a byte. */
  readonly intensity: number;
  /** How much of the time is what the adapter's limit leaves no way around. */
  readonly percentOfLimit: number;
  readonly bound: Bound;
  readonly clock: Clock;
  readonly dispatches?: number;
  readonly submits?: number;
  /** Milliseconds of JavaScript. */
  readonly encodeMs?: number;
  /** How many times as long as the first variant, and how many are wanted. */
  readonly ratio?: number;
  readonly goal?: number;
}

export interface Comparison {
  readonly work: string;
  /** Milliseconds (medians) of ours and of the peer. */
  readonly ours: number;
  readonly peer: number;
  /** The peer's, with its version. */
  readonly name: string;
  /** How many times as long the peer takes, and how many are wanted. */
  readonly ratio: number;
  readonly goal?: number;
  readonly spread: number;
  readonly firstMs: number;
}

/** A work that a peer could not do. */
export interface Failure {
  readonly work: string;
  readonly name: string;
  readonly reason: string;
}

/** What a figure depends on. */
export interface Circumstances {
  readonly date: string;
  /** Adapter, processor, versions and commit. */
  readonly where: string;
}

export interface Report {
  readonly adapter: string;
  readonly roofline: Roofline;
  readonly rows: readonly Row[];
  readonly peers: readonly Comparison[];
  readonly failures: readonly Failure[];
  readonly coldStart?: ColdStart;
}

/** A ratio that was wanted. */
export interface Goal {
  readonly work: string;
  readonly name: string;
  readonly ratio: number;
  readonly goal: number;
}

export function reportText(report: Report): string {
  const table = textTable(columnsOf(report), report.rows);
  return [...table, '', `Adapter: ${report.adapter}.`, ...closingLines(report)].join('\n');
}

export function reportMarkdown(report: Report): string {
  const lines = closingLines(report).map((line) => `- ${line}`);
  return [...markdownTable(columnsOf(report), report.rows), '', ...lines].join('\n');
}

/** Columns that some row has something for. */
export function columnsOf({ rows, peers }: Report): Column<Row>[] {
  const right = (title: string, cell: (row: Row) => string): Column<Row> => ({ title, align: 'right', cell });
  const left = (title: string, cell: (row: Row) => string): Column<Row> => ({ title, align: 'left', cell });
  const number = (
    title: string,
    value: (row: Row) => number | undefined,
    format: (value: number) => string,
  ) =>
    rows.some((row) => value(row) !== undefined)
      ? [right(title, (row) => (value(row) === undefined ? '–' : format(value(row)!)))]
      : [];
  const names = [...new Set(peers.map(({ name }) => name))];
  return [
    left('work', ({ name }) => name),
    left('shape', ({ shape }) => shape),
    ...(rows.some(({ variant }) => variant !== '') ? [left('way', ({ variant }) => variant)] : []),
    right('ms', ({ ms }) => formatMs(ms)),
    right('least', ({ minMs }) => formatMs(minMs)),
    right('spread', ({ spread }) => formatPercent(spread)),
    right('GFLOP/s', ({ gflops }) => gflops.toPrecision(3)),
    right('GB/s', ({ gbs }) => gbs.toPrecision(3)),
    right('of limit', ({ percentOfLimit, bound }) => `${percentOfLimit.toPrecision(2)} % ${bound}`),
    ...number('dispatches', ({ dispatches }) => dispatches, String),
    ...number('submits', ({ submits }) => submits, String),
    ...number('JavaScript', ({ encodeMs }) => encodeMs, formatMs),
    ...number('first', ({ firstMs }) => firstMs, formatMs),
    ...number('ratio', ({ ratio }) => ratio, formatRatio),
    ...names.map((name) =>
      right(name, (row) => {
        const found = peers.find((peer) => peer.name === name && peer.work === workOf(row));
        return found ? `${formatMs(found.peer)} (${formatRatio(found.ratio)})` : '–';
      }),
    ),
  ];
}

/** Every ratio that was wanted, met or not. Of several peers on WebGPU the fastest is what counts. */
export function goalsOf({ rows, peers }: Report): Goal[] {
  const own = rows.flatMap((row) =>
    row.goal === undefined
      ? []
      : [{ work: workOf(row), name: row.variant, ratio: row.ratio!, goal: row.goal }],
  );
  const theirs = new Map<string, Goal>();
  for (const { work, name, ratio, goal } of peers) {
    if (goal === undefined) continue;
    // Peers with the same goal are one field of which the fastest counts.
    const key = `${work} ${goal}`;
    const fastest = theirs.get(key);
    if (!fastest || ratio < fastest.ratio) theirs.set(key, { work, name, ratio, goal });
  }
  return [...own, ...theirs.values()];
}

export function isMet({ ratio, goal }: Pick<Goal, 'ratio' | 'goal'>): boolean {
  return ratio >= goal;
}

/** What the numbers mean, what was wanted, and what failed. */
export function closingLines(report: Report): string[] {
  const { roofline, rows, coldStart, failures } = report;
  const goals = goalsOf(report);
  const met = goals.filter(isMet);
  return [
    rooflineLine(roofline),
    'Milliseconds are medians. Of limit: the time that arithmetic, memory or dispatches take at least, as a share; ' +
      'more than 100 % where operands stay in a cache.',
    clockLine(rows),
    ...(rows.some(({ firstMs }) => firstMs !== undefined)
      ? ['First: the first execution, with all that is compiled for it.']
      : []),
    ...(coldStart ? [coldStartLine(coldStart)] : []),
    ...(goals.length > 0 ? [`${met.length} of ${goals.length} goals are met.`] : []),
    ...goals.map(goalLine),
    ...failures.map(({ work, name, reason }) => `${work}: without ${name}, which failed: ${reason}`),
  ];
}

function goalLine(goal: Goal): string {
  const { work, name, ratio } = goal;
  return `${work}: ${name} takes ${formatRatio(ratio)} as long, wanted ${goal.goal}×: ${isMet(goal) ? 'met' : 'falls short'}.`;
}

function rooflineLine({ fmaGflops, copyGBs, dispatchUs, submitReadUs }: Roofline): string {
  return (
    `Limits: ${fmaGflops.toPrecision(3)} GFLOP/s of multiplications and additions, ${copyGBs.toPrecision(3)} GB/s of ` +
    `a copy, ${dispatchUs.toPrecision(3)} µs a small dispatch, ${submitReadUs.toFixed(0)} µs a submit that is read.`
  );
}

function clockLine(rows: readonly Row[]): string {
  const clocks = new Set(rows.map(({ clock }) => clock));
  if (!clocks.has('gpu')) return "Timed by the host's clock, from the first command to the end of the last.";
  const others = clocks.has('host') ? " Steps, and works beside peers, by the host's clock." : '';
  return `Kernels by themselves are timed by the adapter's clock, repeated within one submit.${others}`;
}

function coldStartLine({ importMs, openMs, ms, rounds }: ColdStart): string {
  return (
    `Cold start, import to first finished step with a warm driver cache: ${ms.toFixed(0)} ms (import ` +
    `${importMs.toFixed(0)}, device ${(openMs - importMs).toFixed(0)}, step ${(ms - openMs).toFixed(0)}; median of ${rounds}).`
  );
}

/** As comparisons name it. */
export function workOf({ name, shape }: Pick<Row, 'name' | 'shape'>): string {
  return `${name}, ${shape}`;
}

export function formatMs(ms: number): string {
  return ms >= 100 ? ms.toFixed(0) : ms.toPrecision(3);
}

export function formatRatio(ratio: number): string {
  return `${ratio >= 100 ? ratio.toFixed(0) : ratio.toPrecision(3)}×`;
}
