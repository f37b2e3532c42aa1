/** What commands with few options have in common: streams, exit codes, options that must be there. */
import { exitCodeOf, lineOf, UserError } from '../base/errors.ts';
import type { TextStream } from './progress-line.ts';

/** Where a command writes; tests put in their own. */
export interface Streams {
  stdout: TextStream;
  stderr: TextStream;
}

/** Resolves to the exit code; what goes wrong is a line on stderr that begins with the command's name. */
export async function runCommand(
  name: string,
  work: (streams: Streams) => Promise<void> | void,
  given: Partial<Streams> = {},
): Promise<number> {
  const streams = { stdout: process.stdout, stderr: process.stderr, ...given };
  try {
    await work(streams);
    return 0;
  } catch (error) {
    streams.stderr.write(`${name}: ${lineOf(error)}\n`);
    return exitCodeOf(error);
  }
}

/** @throws UserError for a word that belongs to no option. */
export function wantNoPositionals([word]: readonly string[]): void {
  if (word !== undefined) throw new UserError(`unexpected argument '${word}'; --help lists the options`);
}

/** @throws UserError if the option is missing; `wanted` says what it is. */
export function textOf(text: string | undefined, option: string, wanted: string): string {
  if (text !== undefined && text !== '') return text;
  throw new UserError(`${option} is missing: wants ${wanted}; --help lists the options`);
}

/** A seed, if one is given. @throws UserError for anything else. */
export function seedOf(text: string | undefined): number | undefined {
  if (text === undefined || /^\d{1,10}$/.test(text)) return text === undefined ? undefined : Number(text);
  throw new UserError(`--seed must be a whole number of at least 0, not '${text}'`);
}
