/** An inspection of a file or folder: what is asked for, and where findings are reported. */
import type { TableWriting } from '../../study/read/table-writing.ts';
import type { ProgressLine, TextStream } from '../../cli/progress-line.ts';

export interface InspectOptions {
  readonly all: boolean;
  readonly load: boolean;
  /** How a table is written, as far as it was told. */
  readonly writing?: Partial<TableWriting>;
  readonly signal: AbortSignal;
  readonly out: TextStream;
  readonly progress: TextStream;
}

export interface Inspection extends Omit<InspectOptions, 'progress'> {
  readonly path: string;
  readonly line: ProgressLine;
  say(text: string): void;
  /** What is wrong, on one line. */
  complain(problem: string): void;
}
