/** Errors that are the user's or the machine's, not ours: each is one line and an exit code. */
import { visible } from './visible.ts';

/** A wrong command line: exit code 2. */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly exitCode: number = 2;
}

/** A run that cannot go on (no adapter, unwritable folder, non-finite loss, lost device): exit code 1. */
export class RunError extends Error {
  override readonly name = 'RunError';
  readonly exitCode: number = 1;
}

/** What the shell expects of a command that was ended by Ctrl-C: 128 + SIGINT. */
export const interruptedExitCode = 130;

/** What the library complains of, as a mistake of the user's: `where` takes the place of the function's name. */
export function explained<T>(where: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^[a-z]\w*: /i, '') : String(error);
    throw new UserError(`${where}: ${reason}`, { cause: error });
  }
}

/** Why a signal of a command is aborted: what the process was sent, with the exit code that shells expect then. */
export class Interrupt extends Error {
  override readonly name = 'Interrupt';
  readonly exitCode: number;

  constructor(signal: 'SIGINT' | 'SIGTERM') {
    super(signal === 'SIGINT' ? 'Ctrl-C' : signal);
    // 128 and the signal's number.
    this.exitCode = signal === 'SIGINT' ? interruptedExitCode : 143;
  }
}

/** Stopped before there was anything to keep; its exit code is that of the signal's reason. */
export class StoppedError extends UserError {
  override readonly exitCode: number;

  constructor(message: string, { reason }: AbortSignal, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = stoppedExitCode({ reason });
  }
}

/** Of a command whose signal is aborted. */
export function stoppedExitCode({ reason }: Pick<AbortSignal, 'reason'>): number {
  return reason instanceof Interrupt ? reason.exitCode : interruptedExitCode;
}

export function exitCodeOf(error: unknown): number {
  const code = error instanceof Error && 'exitCode' in error ? error.exitCode : undefined;
  return typeof code === 'number' ? code : 1;
}

/**
 * One line for an expected error, and indented ones below it if it has a list; a request to report any other. Names from
 * files may be in it: nothing steers a terminal.
 */
export function lineOf(error: unknown): string {
  if (isExpected(error)) return visible(error.message.replaceAll(/\s*\n(?! {2}\S)\s*/g, ' '));
  const detail = visible(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return `unexpected error, this is a bug in limbeck; please report it with this text\n${detail}`;
}

/** Expected: whatever carries an exit code, and what the operating system refused (disk full, no permission). */
export function isExpected(error: unknown): error is Error {
  return error instanceof Error && ('exitCode' in error || ('syscall' in error && 'code' in error));
}

/** What the operating system says, without Node's decoration: 'permission denied'. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [, reason] = /^[A-Z0-9]+: ([^,]*)/.exec(error.message) ?? [];
  return reason ?? error.message;
}
