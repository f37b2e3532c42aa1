/** How much of the distance between a method and its teacher add-ons close: 'a+b' against 'a' and the teacher. */
import type { Interval } from '../results.ts';
import { median } from '../../engine/timing.ts';
import { confidenceInterval, mean } from '../statistics.ts';
import { type Cell, type Comparison, comparisonOf, isTeacher, type Merged, type MergedRow } from './merge.ts';
import { type Setting, settingsOf } from './settings.ts';

/** A base whose error is less than this much above its teacher's has no gap worth a share. */
export const NEAR = 0.05;

/** Of one method with add-ons in one cell; all errors over the seeds that the method, its base and the teacher have. */
export interface Gap {
  readonly cell: Cell;
  readonly row: MergedRow;
  /** 'a' of 'a+b'. */
  readonly base: MergedRow;
  readonly teacher: MergedRow;
  /** To the base. */
  readonly comparison: Comparison;
  /**
   * What the mean error falls by, over what the base's mean is above the teacher's; its interval is that of the difference,
   * scaled. Undefined where the base is within 5 % of the teacher.
   */
  readonly closed: Interval | undefined;
}

export interface GapSummary {
  readonly method: string;
  readonly cells: number;
  /** Cells whose base is within 5 % of its teacher. */
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
  const rowOf = (name: string) => cell.rows.find(({ method }) => method === name);
  const [name, addOns] = row.method.split('+');
  const [teacher, other] = cell.rows.filter(({ method }) => isTeacher(method));
  const base = addOns === undefined ? undefined : rowOf(name!);
  if (!base || !teacher || other) return undefined;
  const comparison = comparisonOf(row, base);
  if (!comparison) return undefined;
  const gap = mean([...base.perSeed.values()]) - mean([...teacher.perSeed.values()]);
  const isNear = gap < NEAR * mean([...teacher.perSeed.values()]);
  const { difference } = comparison;
  const closed: Interval = {
    mean: -difference.mean / gap,
    ci95: difference.ci95 && [-difference.ci95[1] / gap, -difference.ci95[0] / gap],
    n: difference.n,
  };
  return { cell, row, base, teacher, comparison, closed: isNear ? undefined : closed };
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
