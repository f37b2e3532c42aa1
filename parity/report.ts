/** A comparison in words, for a terminal, and as the one line of `--json`. */
import { type TableColumn as Column, textTable } from '../base/text-table.ts';
import type { MathMode } from '../kernels/math/math.ts';
import { largest, type OperationDifference, type Pair } from './compare.ts';
import { settings } from './settings.ts';

/** A setting that was measured. */
export interface HostReport {
  name: string;
  /** 'Node 20.20.2' */
  runtime: string;
  adapter: string;
  isSoftware: boolean;
  subgroupSize: number;
  seconds: number;
}

export interface Comparison {
  math: MathMode;
  steps: number;
  runs: readonly string[];
  hosts: readonly HostReport[];
  pairs: readonly Pair[];
  /** Settings that could not be measured: why, and the cure. */
  failures: readonly string[];
}

const driverOf = (name: string) => settings.find((setting) => setting.name === name)?.driver;

/** Where docs/determinism.md promises the same bits: everywhere by portable mathematics, within a driver by native. */
export function isPromised({ a, b }: Pick<Pair, 'a' | 'b'>, math: MathMode): boolean {
  return math === 'portable' || driverOf(a) === driverOf(b);
}

/** The promises that do not hold, in words. */
export function brokenPromises({ math, pairs, failures }: Comparison): string[] {
  const broken = pairs.filter((pair) => isPromised(pair, math) && !(pair.bitEqual && pair.opsBitEqual));
  return [
    ...failures,
    ...broken.map(({ a, b, differingTensors, differingOps }) => {
      const names = [...differingTensors, ...differingOps.map(({ op }) => op)];
      const more = names.length > 5 ? ` and ${names.length - 5} more` : '';
      return `${a} and ${b} differ in ${names.slice(0, 5).join('; ')}${more}`;
    }),
  ];
}

const yes = (isEqual: boolean) => (isEqual ? 'same' : 'differ');

/** '0', '2', '1.2e+5', '∞'. */
export function digits(value: number): string {
  if (value === Infinity) return '∞';
  return value < 1e5 && Number.isInteger(value) ? String(value) : value.toExponential(1);
}

export const pairColumns: readonly Column<Pair>[] = [
  { title: 'setting', align: 'left', cell: ({ a }) => a },
  { title: 'and', align: 'left', cell: ({ b }) => b },
  { title: 'batches', align: 'left', cell: ({ batchesBitEqual }) => yes(batchesBitEqual) },
  { title: 'losses', align: 'left', cell: ({ lossesBitEqual }) => yes(lossesBitEqual) },
  { title: 'weights', align: 'left', cell: ({ weightsBitEqual }) => yes(weightsBitEqual) },
  {
    title: 'op cases',
    align: 'left',
    cell: ({ opCases, differingOps }) =>
      opCases === 0 ? '–' : `${opCases - differingOps.length} of ${opCases} same`,
  },
  { title: 'ULP', align: 'right', cell: ({ maxUlp }) => digits(maxUlp) },
  { title: 'relative', align: 'right', cell: ({ maxRelative }) => digits(maxRelative) },
  { title: 'first losses', align: 'right', cell: (pair) => digits(pair.firstLossMaxRelative) },
  { title: 'all losses', align: 'right', cell: ({ lossMaxRelative }) => digits(lossMaxRelative) },
];

export const hostColumns: readonly Column<HostReport>[] = [
  { title: 'setting', align: 'left', cell: ({ name }) => name },
  { title: 'host', align: 'left', cell: ({ runtime }) => runtime },
  { title: 'adapter', align: 'left', cell: ({ adapter }) => adapter },
  { title: 'subgroups', align: 'right', cell: ({ subgroupSize }) => String(subgroupSize || 'none') },
  { title: 'time', align: 'right', cell: ({ seconds }) => `${seconds.toFixed(1)} s` },
];

/** The largest differences of an op over its cases, gradients and pairs. */
export interface OperationRow {
  name: string;
  cases: number;
  maxUlp: number;
  maxRelative: number;
}

export function differingOperations(pairs: readonly Pair[]): OperationRow[] {
  const groups = new Map<string, OperationDifference[]>();
  for (const difference of pairs.flatMap(({ differingOps }) => differingOps)) {
    const name = difference.op.split(' ')[0]!;
    groups.set(name, [...(groups.get(name) ?? []), difference]);
  }
  return [...groups]
    .map(([name, all]) => {
      const { maxUlp, maxRelative } = largest(all);
      return { name, cases: new Set(all.map(({ op }) => op)).size, maxUlp, maxRelative };
    })
    .sort((a, b) => a.name.localeCompare(b.name, 'en'));
}

export function summaryText(comparison: Comparison): string {
  const { math, steps, runs, hosts, pairs } = comparison;
  const broken = brokenPromises(comparison);
  const ops = differingOperations(pairs);
  return [
    `${runs.join(', ')}: ${steps} steps, ${math} mathematics`,
    '',
    ...textTable(hostColumns, hosts),
    '',
    ...textTable(pairColumns, pairs),
    ...(ops.length > 0 ? ['', 'ops whose bits differ, largest ULP of any case:'] : []),
    ...ops.map(({ name, maxUlp }) => `  ${name}: ${digits(maxUlp)}`),
    '',
    ...(broken.length === 0
      ? ['What docs/determinism.md promises holds.']
      : ['It does not hold:', ...broken]),
  ].join('\n');
}

/** One line of JSON. Numbers that JSON lacks are text: "Infinity". */
export function jsonLine(comparisons: readonly Comparison[]): string {
  const [first, ...others] = comparisons.map((comparison) => {
    const broken = brokenPromises(comparison);
    return { ...comparison, holds: broken.length === 0, broken };
  });
  return JSON.stringify(others.length > 0 ? { ...first, native: others[0] } : first, (_, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  );
}
