/** Of a merged plan: methods with an add-on beside their controls, cell by cell. */
import { type Interval, pairedDifference } from '../../base/statistics.ts';
import { controlsOf } from '../controls.ts';
import type { Cell, Merged, MergedRow } from './merge.ts';

/** Method minus control, over the seeds that both have. */
export interface MergedControl {
  readonly cell: Cell;
  readonly row: MergedRow;
  readonly control: string;
  readonly error: Interval;
  /** Undefined where a teacher taught one of them alone. */
  readonly imitationLoss: Interval | undefined;
}

export function mergedControls({ cells }: Pick<Merged, 'cells'>): MergedControl[] {
  return cells.flatMap((cell) =>
    cell.rows.flatMap((row) => {
      // 'a+b (student mlp:25)': what follows is a place on an axis.
      const [, name = '', rest = ''] = /^(\S+)( .*)?$/.exec(row.method) ?? [];
      return controlsOf(name).flatMap((control) => {
        const other = cell.rows.find(({ method }) => method === `${control}${rest}`);
        const error = other && differenceOf(row.perSeed, other.perSeed);
        if (!error) return [];
        const imitationLoss = differenceOf(row.imitation, other.imitation);
        return [{ cell, row, control: other.method, error, imitationLoss }];
      });
    }),
  );
}

function differenceOf(
  own: ReadonlyMap<number, number>,
  other: ReadonlyMap<number, number>,
): Interval | undefined {
  const shared = [...own.keys()].filter((seed) => other.has(seed));
  if (shared.length === 0) return undefined;
  return pairedDifference(
    shared.map((seed) => own.get(seed)!),
    shared.map((seed) => other.get(seed)!),
  );
}
