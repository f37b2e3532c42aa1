/** A study's configuration and the table that it is about: do they fit, and how many rows has each part? */
import type { Table } from '../datasets/dataset.ts';
import { splitRows } from '../datasets/row-splits.ts';
import { chooseColumns } from '../datasets/table-dataset.ts';
import { UserError } from './errors.ts';
import type { StudyConfig } from './results.ts';

/** As for the sinusoid: below this no student is worth a comparison. */
const FEWEST_ROWS = 10;

/**
 * The configuration with `target`, `trainRows` and `testRows` as the table makes them; the sinusoid's as it is.
 *
 * @throws UserError if the table lacks a target or has too few rows, or if there is none for 'csv' or one for another.
 */
export function configFor(config: StudyConfig, table: Table | undefined): StudyConfig {
  if (config.data !== 'csv') {
    if (table) throw new UserError(`data '${config.data}' makes its own samples, but a table was given`);
    return config;
  }
  if (!table) throw new UserError("data 'csv' wants a table, and none was given");
  const where = config.file || 'the table';
  const attempt = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      const reason = error instanceof Error ? error.message.replace(/^[a-z]\w*: /i, '') : String(error);
      throw new UserError(`${where}: ${reason}`, { cause: error });
    }
  };
  const { targets } = attempt(() => chooseColumns(table, config.target));
  const rows = attempt(() => splitRows(table.rows, config.testShare));
  if (rows.trainRows < FEWEST_ROWS)
    throw new UserError(
      `${where}: ${rows.trainRows} of its ${table.rows} rows are left to train on; a study needs ${FEWEST_ROWS}: ` +
        'more rows, or a smaller share held out',
    );
  return { ...config, ...rows, target: [...targets] };
}
