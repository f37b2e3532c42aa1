/** What a benchmark found: as a table for people, as JSON, and as a section of RESULTS.md. */
import { formatPercent } from '../train/format.ts';
import { type Column, markdownTable, textTable } from '../train/table.ts';
import type { Timing } from './harness.ts';

export interface Row extends Timing {
  readonly name: string;
  readonly shape: string;
  /** Of the first execution, with all that is compiled for it. */
  readonly firstMs: number;
  readonly gflops: number;
}

export interface Comparison {
  readonly work: string;
  /** Milliseconds (medians) of ours and of the peer. */
  readonly ours: number;
  readonly peer: number;
  /** The peer's, with its version. */
  readonly name: string;
  /** How many times as long the peer takes. */
  readonly ratio: number;
  readonly spread: number;
  readonly firstMs: number;
}

/** A work that a peer could not do. */
export interface Failure {
  readonly work: string;
  readonly name: string;
  readonly reason: string;
}

export interface Report {
  readonly adapter: string;
  readonly rows: readonly Row[];
  readonly peers: readonly Comparison[];
  readonly failures: readonly Failure[];
}

/** How many times as fast as the fastest peer we want to be. */
const GOAL = 2;

export function reportText(report: Report): string {
  const table = textTable(columnsOf(report), report.rows);
  return [...table, '', `Adapter: ${report.adapter}.`, ...closingLines(report)].join('\n');
}

export function reportMarkdown(report: Report): string {
  const lines = closingLines(report).map((line) => `- ${line}`);
  return [...markdownTable(columnsOf(report), report.rows), '', ...lines].join('\n');
}

function columnsOf({ peers }: Report): Column<Row>[] {
  const names = [...new Set(peers.map(({ name }) => name))];
  const right = (title: string, cell: (row: Row) => string): Column<Row> => ({ title, align: 'right', cell });
  return [
    { title: 'work', align: 'left', cell: ({ name }) => name },
    { title: 'shape', align: 'left', cell: ({ shape }) => shape },
    right('ms', ({ ms }) => formatMs(ms)),
    right('least', ({ minMs }) => formatMs(minMs)),
    right('spread', ({ spread }) => formatPercent(spread)),
    right('GFLOP/s', ({ gflops }) => gflops.toPrecision(3)),
    right('first', ({ firstMs }) => formatMs(firstMs)),
    ...names.map((name) =>
      right(name, (row) => {
        const found = peers.find((peer) => peer.name === name && peer.work === workOf(row));
        return found ? `${formatMs(found.peer)} (${formatRatio(found.ratio)})` : '–';
      }),
    ),
  ];
}

function closingLines({ rows, peers, failures }: Report): string[] {
  const fastest = rows.flatMap((row) => {
    const rivals = peers.filter(({ work }) => work === workOf(row)).map(({ ratio }) => ratio);
    return rivals.length === 0 ? [] : [{ work: workOf(row), ratio: Math.min(...rivals) }];
  });
  const short = fastest.filter(({ ratio }) => !(ratio >= GOAL));
  return [
    'Milliseconds are medians; first is the first execution with all that is compiled.',
    ...(fastest.length > 0
      ? [
          `${fastest.length - short.length} of ${fastest.length} are ${GOAL}× as fast as the fastest peer or faster.`,
        ]
      : []),
    ...short.map(({ work, ratio }) => `${work} falls short: ${formatRatio(ratio)}.`),
    ...failures.map(({ work, name, reason }) => `${work}: without ${name}, which failed: ${reason}`),
  ];
}

function workOf({ name, shape }: Row): string {
  return `${name} ${shape}`;
}

function formatMs(ms: number): string {
  return ms >= 100 ? ms.toFixed(0) : ms.toPrecision(3);
}

function formatRatio(ratio: number): string {
  return `${ratio >= 100 ? ratio.toFixed(0) : ratio.toPrecision(3)}×`;
}
