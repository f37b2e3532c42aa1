/** `study run`: one run of a plan, or all that are missing; exit codes that a scheduler understands. */
import { stoppedExitCode, UserError } from '../../base/errors.ts';
import { formatSeconds } from '../../base/format.ts';
import { visible, visibleLine } from '../../base/visible.ts';
import { catchInterrupts } from '../interrupts.ts';
import { createProgressLine, type ProgressLine, type TextStream } from '../progress-line.ts';
import { packageVersion } from '../../base/package-version.ts';
import { checkNumerics, nameOf, type PlannedRun } from '../../study/plan/plan.ts';
import { valueOf } from '../../study/options/config.ts';
import { saveEvery as saveOption } from '../../study/run-options.ts';
import { loadForPlan } from '../../study/plan/own-files-of-plan.ts';
import { openPlan, retryExitCode } from '../../study/plan/plan-folder.ts';
import { readOnce } from '../../study/plan/read-once.ts';
import { runAll } from './run-all.ts';
import { runPlanned, type RunSurroundings } from '../../study/plan/run-planned.ts';

export interface Streams {
  stdout: TextStream;
  stderr: TextStream;
}

/** Options of the command line. */
export interface Values {
  out?: string | undefined;
  index?: string | undefined;
  all?: boolean | undefined;
  'retry-failed'?: boolean | undefined;
  quiet?: boolean | undefined;
  /** Seconds, as of `distill`. */
  'save-every'?: string | undefined;
  /** Of plans with code of their own. */
  trust?: boolean | undefined;
}

/** `study run`. Resolves to the exit code. */
export async function run(path: string, values: Values, streams: Streams): Promise<number> {
  const { index, all } = values;
  if ((index === undefined) === (all !== true)) throw new UserError('run wants either --index N or --all');
  const saveEvery = valueOf(saveOption, values['save-every'] ?? String(saveOption.default), []) as number;
  const { methodNames, runStudy } = await import('../../study/study.ts');
  const version = packageVersion;
  const folder = openPlan(path, version);
  const plan = folder.readPlan();
  if (plan.version !== version)
    throw new UserError(
      `the plan was made by version ${plan.version}, this is ${version}; make it again with: study plan STUDY.json`,
    );
  checkNumerics(plan);
  await loadForPlan(plan, values.trust ?? false);
  const progress = createProgressLine(streams.stderr, { isQuiet: values.quiet ?? false });
  const interrupt = catchInterrupts(progress.note);
  let isTerminated = false;
  const terminate = () => void (isTerminated = true);
  process.once('SIGTERM', terminate);
  let adapter = '';
  const around: Omit<RunSurroundings, 'onProgress'> = {
    plan,
    folder,
    methodNames,
    runStudy,
    read: readOnce({ signal: interrupt.signal, onProgress: progress.update, onSkip: progress.note }),
    signal: interrupt.signal,
    saveEvery,
    onDevice(info) {
      if (info.adapter !== adapter && !values.quiet) progress.note(`adapter: ${info.adapter}`);
      adapter = info.adapter;
    },
    onNote(text) {
      if (!values.quiet) progress.note(text);
    },
  };
  const stopped = () => (isTerminated ? retryExitCode : stoppedExitCode(interrupt.signal));
  try {
    if (index !== undefined)
      return await runSingle(runOf(plan.runs, index), { around, progress, streams, stopped });
    const isAgain = values['retry-failed'] ?? false;
    const heard = values.quiet ? { ...progress, note() {} } : progress;
    return await runMissing(isAgain, { around, progress: heard, streams, stopped });
  } finally {
    interrupt.release();
    process.off('SIGTERM', terminate);
    progress.close();
  }
}

interface Task {
  around: Omit<RunSurroundings, 'onProgress'>;
  progress: ProgressLine;
  streams: Streams;
  /** The exit code after a signal. */
  stopped(): number;
}

async function runSingle(chosen: PlannedRun, { around, progress, streams, stopped }: Task): Promise<number> {
  const onProgress = ({ doneSteps }: { doneSteps: number }) =>
    progress.update(doneSteps / Math.max(1, chosen.steps), () => nameOf(chosen));
  const outcome = await runPlanned(chosen, { ...around, onProgress });
  progress.close();
  if (outcome.kind === 'stopped') return stopped();
  const place = nameOf(chosen);
  if (outcome.kind === 'done') {
    const how = outcome.seconds > 0 ? `is done: ${formatSeconds(outcome.seconds)}` : 'was done before';
    return say(streams, `${place} ${how}`);
  }
  const reason = outcome.kind === 'locked' ? `${outcome.owner} works on it` : `failed: ${outcome.message}`;
  streams.stderr.write(`study: ${visibleLine(place)}: ${visible(reason)}\n`);
  return outcome.kind === 'locked' || outcome.isWorthRetry ? retryExitCode : 1;
}

async function runMissing(
  retryFailed: boolean,
  { around, progress, streams, stopped }: Task,
): Promise<number> {
  const outcome = await runAll(around, { progress, retryFailed });
  progress.close();
  const { done, trained, failed } = outcome;
  for (const { run: each, message } of failed)
    streams.stderr.write(`study: ${visibleLine(nameOf(each))} failed: ${visible(message)}\n`);
  say(streams, `${done} of ${around.plan.runs.length} runs are done, ${trained} of them now`);
  if (outcome.isStopped) return stopped();
  if (failed.length > 0) return failed.some(({ isWorthRetry }) => isWorthRetry) ? retryExitCode : 1;
  return say(streams, `next: npm run study -- merge ${around.folder.path}`);
}

function runOf(runs: readonly PlannedRun[], text: string): PlannedRun {
  const found = /^\d+$/.test(text) ? runs[Number(text)] : undefined;
  if (!found)
    throw new UserError(`--index must be a whole number from 0 to ${runs.length - 1}, not '${text}'`);
  return found;
}

/** Resolves to the exit code of success. */
export function say({ stdout }: Streams, text: string): number {
  stdout.write(`${visible(text)}\n`);
  return 0;
}
