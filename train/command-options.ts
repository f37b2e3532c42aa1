/** Options that commands with few of them have in common. */
import { UserError } from './errors.ts';

/** @throws UserError if the option is missing; `wanted` says what it is. */
export function textOf(text: string | undefined, option: string, wanted: string): string {
  if (text !== undefined && text !== '') return text;
  throw new UserError(`${option} is missing: wants ${wanted}; --help lists the options`);
}

/** A seed. @throws UserError if it is none. */
export function numberOption(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new UserError(`${option} must be a whole number of at least 0, not '${text}'`);
}
