/** Cells of a grid put together: all, and those that differ in their data sets alone. */
import type { Cell, Values } from './merge.ts';

export interface Setting {
  /** What its cells share; undefined for all cells together. */
  readonly at: Values | undefined;
  readonly cells: readonly Cell[];
}

/** All cells first; then, where the grid has data sets beside other axes, each setting over the data sets. */
export function settingsOf(cells: readonly Cell[]): Setting[] {
  const bySetting = new Map<string, Cell[]>();
  for (const cell of cells) {
    const { data: _, ...rest } = cell.at;
    const key = JSON.stringify(rest);
    bySetting.set(key, [...(bySetting.get(key) ?? []), cell]);
  }
  const all: Setting = { at: undefined, cells };
  const hasDataSets = new Set(cells.map(({ at }) => at.data)).size > 1;
  if (!hasDataSets || bySetting.size < 2) return [all];
  const each = [...bySetting.values()].map((group): Setting => {
    const { data: _, ...at } = group[0]!.at;
    return { at, cells: group };
  });
  return [all, ...each];
}
