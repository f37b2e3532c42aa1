/** Progress of a study on stderr: one rewritten line on a terminal, sparse plain lines elsewhere. */

import { formatClock, formatError, formatSeconds } from './format.ts';
import type { MethodResult } from './results.ts';
import type { ProgressEvent, StudyPlan } from './study-types.ts';

/** The part of a stream that progress needs. */
export interface TextStream {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

export interface Progress {
  plan(plan: StudyPlan): void;
  step(event: ProgressEvent): void;
  network(result: MethodResult): void;
  /** A line of its own, above the progress line. */
  note(text: string): void;
  /** Clears the progress line. */
  close(): void;
}

/** Ten times a second is enough for eyes, once in ten seconds for a log. */
const terminalIntervalMs = 100;
const plainIntervalMs = 10_000;

export function createProgress(
  stream: TextStream,
  { isQuiet = false, now = () => performance.now() } = {},
): Progress {
  const isTerminal = stream.isTTY === true;
  let plan: StudyPlan = { networks: 0, steps: 0 };
  let finished = 0;
  let startedAt: number | undefined;
  let startedAtStep = 0;
  let shownAt = -Infinity;
  let isLineShown = false;

  const clear = () => {
    if (isLineShown) stream.write('\r\u001b[K');
    isLineShown = false;
  };
  const note = (text: string) => {
    clear();
    stream.write(`${text}\n`);
  };

  return {
    plan(given) {
      plan = given;
    },
    step(event) {
      const time = now();
      if (startedAt === undefined) {
        startedAt = time;
        startedAtStep = event.doneSteps;
        shownAt = isTerminal ? -Infinity : time;
      }
      const isDue = time - shownAt >= (isTerminal ? terminalIntervalMs : plainIntervalMs);
      if (isQuiet || !isDue) return;
      shownAt = time;
      const measured = event.doneSteps - startedAtStep;
      const msPerStep = measured > 0 ? (time - startedAt) / measured : null;
      const text = progressText(event, plan, msPerStep);
      if (!isTerminal) return note(text);
      // A line as wide as the terminal would wrap, and could not be rewritten.
      const width = (stream.columns ?? 80) - 1;
      clear();
      stream.write(fitted(bar(event.doneSteps / Math.max(1, plan.steps)), text, width));
      isLineShown = true;
    },
    network({ seed, method, rmse, seconds }) {
      finished++;
      if (isQuiet || isTerminal) return;
      shownAt = now();
      const count = `${finished}/${plan.networks}`;
      note(`${count}  seed ${seed}  ${method}  test RMSE ${formatError(rmse)}  ${formatSeconds(seconds)}`);
    },
    note,
    close: clear,
  };
}

/** '43 %  seed 2 tor-dual 120/400  loss 0.0123  1.2 ms/step  0:34 left'. */
function progressText(event: ProgressEvent, { steps }: StudyPlan, msPerStep: number | null): string {
  const share = Math.min(1, event.doneSteps / Math.max(1, steps));
  const parts = [
    `${String(Math.floor(share * 100)).padStart(3)} %`,
    `seed ${event.seed} ${event.method} ${event.step}/${event.steps}`,
    event.loss === null ? '' : `loss ${formatError(event.loss)}`,
    msPerStep === null ? '' : `${msPerStep.toPrecision(2)} ms/step`,
    msPerStep === null
      ? ''
      : `${formatClock((Math.max(0, steps - event.doneSteps) * msPerStep) / 1000)} left`,
  ];
  return parts.filter((part) => part !== '').join('  ');
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
