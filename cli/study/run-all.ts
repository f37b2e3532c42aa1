/** All runs of a plan that are missing, one after another in this process; other processes may work beside it. */
import { formatClock, formatCount, formatSeconds } from '../../base/format.ts';
import type { ProgressLine } from '../progress-line.ts';
import { nameOf, placeOf, type PlannedRun } from '../../study/plan/plan.ts';
import { isDone, runPlanned, type RunSurroundings } from '../../study/plan/run-planned.ts';

export interface AllOutcome {
  done: number;
  /** Of this call. */
  trained: number;
  failed: { run: PlannedRun; message: string; isWorthRetry: boolean }[];
  isStopped: boolean;
}

export interface AllOptions {
  progress: ProgressLine;
  /** Whether to try again what failed for good before. */
  retryFailed: boolean;
}

const WAIT_MS = 500;

/** @throws RunError if results cannot be written. */
export async function runAll(
  around: Omit<RunSurroundings, 'onProgress'>,
  { progress, retryFailed }: AllOptions,
): Promise<AllOutcome> {
  const { plan, folder, signal } = around;
  const outcome: AllOutcome = { done: 0, trained: 0, failed: [], isStopped: false };
  const total = plan.runs.reduce((sum, { steps }) => sum + steps, 0);
  const clock = { from: performance.now(), ownSteps: 0, doneSteps: 0 };
  const tell = (run: PlannedRun, steps: number) => {
    const own = clock.ownSteps + steps;
    const msPerStep = own > 0 ? (performance.now() - clock.from) / own : undefined;
    const left = Math.max(0, total - clock.doneSteps - steps);
    progress.update((clock.doneSteps + steps) / Math.max(1, total), () => {
      const count = `run ${outcome.done + outcome.failed.length + 1}/${plan.runs.length}`;
      const time = msPerStep === undefined ? '' : `  ${formatClock((left * msPerStep) / 1000)} left`;
      return `${count}  ${placeOf(run)}${time}`;
    });
  };
  const finish = (run: PlannedRun) => {
    outcome.done++;
    clock.doneSteps += run.steps;
  };
  const fail = (run: PlannedRun, failure: { message: string; isWorthRetry: boolean }) => {
    outcome.failed.push({ run, ...failure });
    clock.doneSteps += run.steps;
  };

  let waiting = plan.runs.filter((run) => {
    const result = folder.result(run.id);
    if (isDone(result)) {
      finish(run);
      // A process that was killed between writing its result and removing its lock.
      folder.removeLocks(run.id);
      return false;
    }
    if (!result?.error || result.error.isWorthRetry || retryFailed) return true;
    fail(run, { ...result.error, message: `${result.error.message} (before; --retry-failed tries again)` });
    return false;
  });
  let hasSaid = false;
  while (waiting.length > 0 && !signal.aborted) {
    const locked: PlannedRun[] = [];
    for (const run of waiting) {
      if (signal.aborted) break;
      tell(run, 0);
      const result = await runPlanned(run, {
        ...around,
        onProgress: ({ doneSteps }) => tell(run, doneSteps),
      });
      if (result.kind === 'locked') locked.push(run);
      else if (result.kind === 'failed') {
        clock.ownSteps += run.steps;
        fail(run, result);
        progress.note(`${nameOf(run)} failed: ${result.message}`);
      } else if (result.kind === 'done') {
        if (result.seconds > 0) {
          outcome.trained++;
          clock.ownSteps += run.steps;
        }
        finish(run);
        const count = `${outcome.done}/${plan.runs.length}`;
        if (result.seconds > 0)
          progress.note(`${count}  run ${run.index}  ${placeOf(run)}  ${formatSeconds(result.seconds)}`);
      }
    }
    if (locked.length > 0 && locked.length === waiting.length) {
      if (!hasSaid) progress.note(`waiting for ${formatCount(locked.length)} runs that other processes have`);
      hasSaid = true;
      await pause(WAIT_MS, signal);
    }
    waiting = locked;
  }
  outcome.isStopped = signal.aborted;
  return outcome;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
