/** How much of the distance between a method and its teacher add-ons close: 'a+b' against 'a' and the teacher. */
import type { Interval } from '../../base/statistics.ts';
import { median } from '../../base/median.ts';
import { confidenceInterval } from '../../base/statistics.ts';
import { type Cell, type Comparison, comparisonOf, type Merged, type MergedRow, ownBase } from './merge.ts';
import { type Setting, settingsOf } from './settings.ts';

/** A base whose error is less than this much above its teacher's has no gap worth a share. */
export const NEAR = 0.05;

/** Of one method with add-ons in one cell, over the seeds that the method, its base and the teacher have. */
export interface Gap {
  readonly cell: Cell;
  /** Its name and metric. */
  readonly row: MergedRow;
  /** 'a' of 'a+b'. */
  readonly base: string;
  readonly errors: { readonly teacher: Interval; readonly base: Interval; readonly own: Interval };
  /** To the base. */
  readonly comparison: Comparison;
  /**
   * What the mean error falls by, over what the base's mean is above the teacher's; its interval is that of the difference,
   * scaled. Undefined where the base is less than 5 % above the teacher.
   */
  readonly closed: Interval | undefined;
}

export interface GapSummary {
  readonly method: string;
  readonly cells: number;
  /** Cells whose base is less than 5 % above its teacher, or better than it. */
  readonly near: number;
  /** Mean over the cells of the share by which the error is below the base's. */
  readonly reduction: Interval;
  /** Median over the cells that are not near. */
  readonly closed: number | undefined;
}

export interface GapTable extends Setting {
  readonly summaries: readonly GapSummary[];
}

export function gapsOf({ cells }: Pick<Merged, 'cells'>): Gap[] {
  return cells.flatMap((cell) => cell.rows.flatMap((row) => gapIn(cell, row) ?? []));
}

/** Of all cells; and where there are data sets beside other axes, for each setting. */
export function gapTables({ cells }: Pick<Merged, 'cells'>): GapTable[] {
  return settingsOf(cells)
    .map((setting) => ({ ...setting, summaries: summariesOf(gapsOf(setting)) }))
    .filter(({ summaries }) => summaries.length > 0);
}

function gapIn(cell: Cell, row: MergedRow): Gap | undefined {
  const own = ownBase(row.method);
  const rowOf = (name: string | undefined) => cell.rows.find(({ method }) => method === name);
  const [base, teacher] = [rowOf(own?.name), rowOf(own?.teacher)];
  if (!base || !teacher) return undefined;
  const rows = { teacher, base, own: row };
  const all = Object.values(rows);
  const seeds = [...row.perSeed.keys()].filter((seed) => all.every(({ perSeed }) => perSeed.has(seed)));
  const shared = ({ method, perSeed }: MergedRow) => ({
    method,
    perSeed: new Map(seeds.map((seed) => [seed, perSeed.get(seed)!])),
  });
  const comparison = comparisonOf(shared(row), shared(base));
  if (!comparison) return undefined;
  const errorOf = (of: MergedRow) => confidenceInterval([...shared(of).perSeed.values()]);
  const errors = { teacher: errorOf(teacher), base: errorOf(base), own: errorOf(row) };
  const gap = errors.base.mean - errors.teacher.mean;
  const { mean, ci95, n } = comparison.difference;
  const closed: Interval = { mean: -mean / gap, ci95: ci95 && [-ci95[1] / gap, -ci95[0] / gap], n };
  const isNear = gap < NEAR * errors.teacher.mean;
  return { cell, row, base: base.method, errors, comparison, closed: isNear ? undefined : closed };
}

function summariesOf(gaps: readonly Gap[]): GapSummary[] {
  return [...new Set(gaps.map(({ row }) => row.method))].map((method) => {
    const own = gaps.filter(({ row }) => row.method === method);
    const closed = own.flatMap((gap) => gap.closed?.mean ?? []);
    return {
      method,
      cells: own.length,
      near: own.length - closed.length,
      reduction: confidenceInterval(own.map(({ comparison }) => comparison.reduction.mean)),
      closed: closed.length > 0 ? median(closed) : undefined,
    };
  });
}
