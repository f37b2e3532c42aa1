/** Whether a table's groups can be split, and enough are left to hold some out: checked for all seeds before any is trained. */
import type { Table } from '../../datasets/dataset.ts';
import type { RowSplit } from '../../datasets/row-splits.ts';
import { checkGroups } from './held-out.ts';
import type { StudyConfig } from '../results.ts';
import { dataSeedOf } from '../run-options.ts';
import { isOfClasses } from './kinds/all.ts';
import { asksTeacher } from '../../methods/chosen-method.ts';
import { hostRandom, tableOf } from './seed-dataset.ts';
import { studentRows } from './student-rows.ts';

/** @throws UserError naming the first seed whose groups are too few. */
export function checkSeeds(config: StudyConfig, table: Table, splits: readonly RowSplit[]): void {
  const { validationShare, seeds } = config;
  const first = dataSeedOf(config, config.seed);
  const count = config.dataSeed === undefined ? seeds : 1;
  const teacherMode = config.methods.some(asksTeacher) ? config.teacherMode : 'plain';
  const isHolding = teacherMode === 'out-of-fold' || teacherMode === 'early-stopping' || validationShare > 0;
  if (!table.groups) {
    // Of classes, whether each split has a row of each to learn from.
    if (isOfClasses(config))
      for (const [i, split] of (splits.length > 0 ? splits : [undefined]).entries())
        tableOf(config, table, { random: hostRandom(first + i), split });
    return;
  }
  // The first seed's tells whether groups can be split at all.
  if (!isHolding)
    return void tableOf(config, table, { random: hostRandom(first), split: splits[first % splits.length] });
  for (let seed = first; seed < first + count; seed++) {
    const given = { random: hostRandom(seed), split: splits[seed % splits.length] };
    const dataset = tableOf(config, table, given);
    checkGroups({ seed, dataset }, teacherMode);
    if (validationShare > 0) studentRows(config, { seed, dataset });
  }
}
