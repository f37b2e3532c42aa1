/** Progress of a study on stderr. */

import { formatClock, formatError, formatPercent, formatSeconds } from '../base/format.ts';
import { createProgressLine, type TextStream } from './progress-line.ts';
import type { MethodResult } from '../study/results.ts';
import type { ProgressEvent, StudyPlan } from '../study/study-types.ts';

export type { TextStream };

export interface Progress {
  plan(plan: StudyPlan): void;
  step(event: ProgressEvent): void;
  network(result: MethodResult): void;
  /** How far the reading of the data is, from 0 to 1. */
  read(share: number, text: () => string): void;
  /** A line of its own, above the progress line. */
  note(text: string): void;
  /** Clears the progress line. */
  close(): void;
}

export function createProgress(
  stream: TextStream,
  { isQuiet = false, now = () => performance.now() } = {},
): Progress {
  const line = createProgressLine(stream, { isQuiet, now });
  let plan: StudyPlan = { networks: 0, steps: 0 };
  let finished = 0;
  let startedAt: number | undefined;
  let startedAtStep = 0;

  return {
    plan(given) {
      plan = given;
    },
    step(event) {
      const time = now();
      if (startedAt === undefined) {
        startedAt = time;
        startedAtStep = event.doneSteps;
      }
      const elapsed = time - startedAt;
      const measured = event.doneSteps - startedAtStep;
      const msPerStep = measured > 0 ? elapsed / measured : null;
      line.update(event.doneSteps / Math.max(1, plan.steps), () => progressText(event, plan, msPerStep));
    },
    network(result) {
      const { seed, method, seconds } = result;
      finished++;
      if (isQuiet || stream.isTTY === true) return;
      const count = `${finished}/${plan.networks}`;
      line.note(`${count}  seed ${seed}  ${method}  ${scoreText(result)}  ${formatSeconds(seconds)}`);
    },
    read: line.update,
    note: line.note,
    close: line.close,
  };
}

/** 'test RMSE 0.123', 'test angular error 3.21°' or 'test error 4.2 %'. */
function scoreText({ scores, rmse, angularError }: MethodResult): string {
  if (angularError !== undefined) return `test angular error ${formatError(angularError)}°`;
  if (rmse !== undefined) return `test RMSE ${formatError(rmse)}`;
  return `test error ${formatPercent(scores.error ?? NaN)}`;
}

/** 'seed 2' or 'seeds 0–31'. */
function seedsText({ seed, lastSeed = seed }: ProgressEvent): string {
  return lastSeed === seed ? `seed ${seed}` : `seeds ${seed}–${lastSeed}`;
}

/** 'own 0.48/0.51' of two networks. */
function signalTexts({ signals = {} }: ProgressEvent): string[] {
  return Object.entries(signals).map(
    ([name, values]) => `${name} ${values.map((value) => value.toFixed(2)).join('/')}`,
  );
}

/** 'seed 2 tor-dual 120/400  loss 0.0123  1.2 ms/step  0:34 left'. */
function progressText(event: ProgressEvent, { steps }: StudyPlan, msPerStep: number | null): string {
  const parts = [
    `${seedsText(event)} ${event.method} ${event.step}/${event.steps}`,
    event.loss === null ? '' : `loss ${formatError(event.loss)}`,
    ...signalTexts(event),
    msPerStep === null ? '' : `${msPerStep.toPrecision(2)} ms/step`,
    msPerStep === null
      ? ''
      : `${formatClock((Math.max(0, steps - event.doneSteps) * msPerStep) / 1000)} left`,
  ];
  return parts.filter((part) => part !== '').join('  ');
}
