/** Methods over many data sets: average ranks, and how much smaller errors are on average. */
import type { Interval } from '../../base/statistics.ts';
import { confidenceInterval, mean } from '../../base/statistics.ts';
import { type Cell, isTeacher, type Merged, type Values } from './merge.ts';
import { type Setting, settingsOf } from './settings.ts';

export interface RankTable {
  /** What its cells share; undefined for all cells together. */
  readonly at: Values | undefined;
  /** Cells in which every method has a result. */
  readonly cells: number;
  readonly left: number;
  /** The best first. */
  readonly ranks: readonly Rank[];
}

export interface Rank {
  readonly method: string;
  /** 1 is the best; equal errors share a rank. */
  readonly rank: number;
  /** Mean over the cells of the share by which the error is below the baseline's. */
  readonly reduction: Interval | undefined;
}

/** Of all cells; and where the grid has data sets beside other axes, for each setting over the data sets. */
export function rankTables({ cells, methods }: Merged): RankTable[] {
  const students = methods.filter((method) => !isTeacher(method));
  return students.length < 2 ? [] : settingsOf(cells).map((setting) => rankTable(setting, students));
}

function rankTable({ at, cells }: Setting, methods: readonly string[]): RankTable {
  const rowOf = ({ rows }: Cell, method: string) => rows.find((row) => row.method === method);
  const complete = cells.filter((cell) => methods.every((method) => rowOf(cell, method)));
  const perCell = complete.map((cell) => ranksOf(methods.map((method) => rowOf(cell, method)!.error.mean)));
  const ranks = methods.map((method, i): Rank => {
    const reductions = complete.flatMap((cell) => rowOf(cell, method)!.toBaseline?.reduction.mean ?? []);
    return {
      method,
      rank: mean(perCell.map((each) => each[i]!)),
      reduction: reductions.length > 0 ? confidenceInterval(reductions) : undefined,
    };
  });
  return {
    at,
    cells: complete.length,
    left: cells.length - complete.length,
    ranks: complete.length > 0 ? ranks.toSorted((a, b) => a.rank - b.rank) : [],
  };
}

/** 1 for the smallest; the mean of their places for equal ones. */
export function ranksOf(values: readonly number[]): number[] {
  return values.map((value) => {
    const below = values.filter((other) => other < value).length;
    const equal = values.filter((other) => other === value).length;
    return below + (equal + 1) / 2;
  });
}
