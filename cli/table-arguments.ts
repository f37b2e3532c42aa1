/** How a table is written, as arguments of the commands with few options. */
import { UserError } from '../base/errors.ts';
import { namesIn } from '../base/name-list.ts';
import { type TableWriting, writingOf } from '../study/read/table-writing.ts';

const text = { type: 'string' } as const;

export const tableArguments = {
  header: { ...text, default: 'auto' },
  delimiter: { ...text, default: 'auto' },
  decimal: { ...text, default: 'auto' },
  thousands: { ...text, default: 'none' },
  'skip-lines': { ...text, default: '0' },
  encoding: { ...text, default: 'auto' },
  'missing-values': text,
} as const;

type Values = Readonly<Record<Exclude<keyof typeof tableArguments, 'missing-values'>, string>> & {
  readonly 'missing-values'?: string | undefined;
};

/** @throws UserError that names the option. */
export function tableWriting(values: Values): TableWriting {
  const { header, 'skip-lines': skipLines, 'missing-values': missing } = values;
  if (!['auto', 'yes', 'no'].includes(header))
    throw new UserError(`--header: unknown value '${header}' (known: auto, yes, no)`);
  if (!/^\d{1,7}$/.test(skipLines))
    throw new UserError(`--skip-lines must be a whole number of at least 0, not '${skipLines}'`);
  const missingValues = missing === undefined ? undefined : namesIn(missing);
  if (missing !== undefined && !missingValues)
    throw new UserError(`--missing-values: a quote is not closed in '${missing}'`);
  return writingOf({ ...values, skipLines: Number(skipLines), missingValues });
}
