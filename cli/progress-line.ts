/** One line that says how far along a long command is: rewritten on a terminal, sparse plain lines elsewhere. */
import { visible, visibleLine } from '../base/visible.ts';

/** The part of a stream that progress needs. */
export interface TextStream {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

export interface ProgressLine {
  /** Shows the line if it is time; `share` is from 0 to 1. */
  update(share: number, text: () => string): void;
  /** A line of its own, above the progress line. */
  note(text: string): void;
  /** Clears the progress line. */
  close(): void;
}

/** Ten times a second is enough for eyes, once in ten seconds for a log. */
const terminalIntervalMs = 100;
const plainIntervalMs = 10_000;

export function createProgressLine(
  stream: TextStream,
  { isQuiet = false, now = () => performance.now() } = {},
): ProgressLine {
  const isTerminal = stream.isTTY === true;
  let shownAt: number | undefined;
  let isLineShown = false;

  const clear = () => {
    if (isLineShown) stream.write('\r\u001b[K');
    isLineShown = false;
  };
  const note = (text: string) => {
    clear();
    stream.write(`${visible(text)}\n`);
    if (!isTerminal) shownAt = now();
  };

  return {
    update(share, text) {
      const time = now();
      shownAt ??= isTerminal ? -Infinity : time;
      const isDue = time - shownAt >= (isTerminal ? terminalIntervalMs : plainIntervalMs);
      if (isQuiet || !isDue) return;
      if (!isTerminal) return note(`${percent(share)}  ${text()}`);
      shownAt = time;
      clear();
      // A line as wide as the terminal would wrap, and could not be rewritten.
      const line = `${percent(share)}  ${visibleLine(text())}`;
      stream.write(fitted(bar(share), line, (stream.columns ?? 80) - 1));
      isLineShown = true;
    },
    note,
    close: clear,
  };
}

function percent(share: number): string {
  return `${String(Math.floor(Math.min(1, share) * 100)).padStart(3)} %`;
}

function bar(share: number): string {
  const width = 20;
  const filled = Math.round(Math.min(1, share) * width);
  return '━'.repeat(filled) + '┄'.repeat(width - filled);
}

/** Bar and text where there is room, else the text alone, cut. */
function fitted(barText: string, text: string, width: number): string {
  const full = `${barText} ${text}`;
  return full.length <= width ? full : text.slice(0, Math.max(0, width));
}
