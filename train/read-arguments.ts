/** Node's `parseArgs` for commands with few options: its complaints in one line, with where to look. */
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { UserError } from './errors.ts';

/** @throws UserError for an option that is not among `options`, or lacks its value. */
export function readArguments<const T extends NonNullable<ParseArgsConfig['options']>>(
  argv: readonly string[],
  options: T,
): ReturnType<typeof parseArgs<{ args: string[]; allowPositionals: true; options: T }>> {
  try {
    return parseArgs({ args: [...argv], allowPositionals: true, options });
  } catch (cause) {
    // Node goes on about what to do with words that begin with a dash.
    const [message] = (cause instanceof Error ? cause.message : String(cause)).split('. ');
    throw new UserError(`${message}; --help lists the options`, { cause });
  }
}
