/** Node's `parseArgs` for commands with few options: its complaints in one line, with where to look. */
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { UserError } from '../base/errors.ts';

type Options = NonNullable<ParseArgsConfig['options']>;
type Arguments<T extends Options> = ReturnType<typeof parseArgs<{ allowPositionals: true; options: T }>>;

/** @throws UserError for an option that is not among `options`, or lacks its value. */
export function readArguments<const T extends Options>(argv: readonly string[], options: T): Arguments<T> {
  try {
    return parseArgs({ args: [...argv], allowPositionals: true, options });
  } catch (cause) {
    // Node goes on about what to do with words that begin with a dash.
    const [message] = (cause instanceof Error ? cause.message : String(cause)).split('. ');
    throw new UserError(`${message}; --help lists the options`, { cause });
  }
}
