/** The lines of a merged plan, its axes, and places of its grid in words. */
import type { Cell, Merged, MergedRow, Values } from '../../study/plan/merge.ts';

/** A method in a cell of the grid. */
export interface Line {
  cell: Cell;
  row: MergedRow;
}

export function linesOf({ cells }: Merged): Line[] {
  return cells.flatMap((cell) => cell.rows.map((row) => ({ cell, row })));
}

/** Without seeds and methods. */
export function axesOf({ plan }: Merged): string[] {
  return plan.axes.map(({ name }) => name).filter((name) => name !== 'seed' && name !== 'methods');
}

/** 'noise 0.2, train-rows 100'. */
export function wordsOf(at: Values): string {
  return Object.entries(at)
    .map(([name, value]) => (name === 'data' ? String(value) : `${name} ${value}`))
    .join(', ');
}
