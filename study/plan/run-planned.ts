/** One run of a plan: trained, and its result written whole; or why not, and whether it is worth another try. */
import { numerics } from '../../engine/numerics.ts';
import { RunError, lineOf } from '../../base/errors.ts';
import { taskOf } from '../data/kinds/all.ts';
import { saveEvery as saveOption } from '../run-options.ts';
import type { SeedResult, StudyConfig } from '../results.ts';
import type { DeviceInfo, ProgressEvent, RunStudy } from '../study-types.ts';
import { cpuName } from '../../base/version.ts';
import { commandWords, type Plan, type PlannedRun, parseRun, runId } from './plan.ts';
import { type PlanFolder, PlanFolderError, type RunResult } from './plan-folder.ts';
import type { ReadOnce } from './read-once.ts';
import { isWorthRetry } from '../run/worth-retry.ts';

export interface RunSurroundings {
  plan: Plan;
  folder: PlanFolder;
  methodNames: readonly string[];
  runStudy: RunStudy;
  read: ReadOnce;
  signal: AbortSignal;
  onDevice(info: DeviceInfo): void;
  onNote?: ((text: string) => void) | undefined;
  onProgress(event: ProgressEvent): void;
  /** Seconds between the states of a run, from which it goes on after a kill. */
  saveEvery?: number;
}

export type RunOutcome =
  | { kind: 'done'; seconds: number }
  | { kind: 'failed'; message: string; isWorthRetry: boolean }
  | { kind: 'locked'; owner: string }
  /** Stopped by a signal; nothing is written. */
  | { kind: 'stopped' };

/** Done at once if it has a result already. */
export async function runPlanned(run: PlannedRun, around: RunSurroundings): Promise<RunOutcome> {
  const { folder } = around;
  if (isDone(folder.result(run.id))) return { kind: 'done', seconds: 0 };
  const lock = folder.lock(run.id);
  if ('owner' in lock) return { kind: 'locked', owner: lock.owner };
  // Another process may have finished it since we looked.
  if (isDone(folder.result(run.id))) {
    lock.remove();
    return { kind: 'done', seconds: 0 };
  }
  let outcome: RunOutcome | undefined;
  try {
    outcome = await train(run, around);
    return outcome;
  } finally {
    if (outcome?.kind === 'done') lock.remove();
    else lock.release();
  }
}

export function isDone(result: RunResult | undefined): boolean {
  return result !== undefined && result.error === undefined;
}

async function train(run: PlannedRun, around: RunSurroundings): Promise<RunOutcome> {
  const { plan, folder, methodNames, runStudy, read, signal, saveEvery = saveOption.default! } = around;
  const from = performance.now();
  const started = new Date().toISOString();
  const finished: SeedResult[] = [];
  let device: DeviceInfo | undefined;
  let config: StudyConfig | undefined;
  const ranking = () => (config ? taskOf(config).metrics[0].name : 'rmse');
  const write = (error?: RunResult['error']) => {
    const seconds = (performance.now() - from) / 1000;
    folder.writeResult({
      id: run.id,
      index: run.index,
      command: `distill ${commandWords(run.options).map(quoted).join(' ')}`,
      seeds: finished.map((seed) => scoresOf(seed, ranking())),
      adapter: device?.adapter ?? 'none',
      host: device?.host ?? 'node',
      cpu: cpuName(),
      versions: { limbeck: plan.version, numerics: String(numerics), node: process.versions.node },
      started,
      seconds,
      ...(error ? { error } : {}),
    });
    return seconds;
  };
  try {
    const options = parseRun(run.options, methodNames);
    config = options.config;
    const data = await read(options);
    if ((await runId(options.config, data, plan)) !== run.id)
      throw new RunError('the data are not those of the plan any more; make the plan again');
    const outcome = await runStudy(
      options.config,
      {
        signal,
        teachers: folder.teachers,
        states: folder.states(run.id, saveEvery),
        onDevice(info) {
          device = info;
          around.onDevice(info);
        },
        onPlan() {},
        onNote: around.onNote,
        onPoint() {},
        onProgress: around.onProgress,
        async onNetwork() {},
        onSeed: async (seed) => void finished.push(seed),
      },
      data?.input,
    );
    if (outcome.interrupted) return { kind: 'stopped' };
    if (outcome.device === 'gpu' && outcome.dispatches === 0)
      throw new RunError(`adapter '${outcome.adapter}' ran no dispatch: nothing was trained on it`);
    const seconds = write();
    folder.removeStates(run.id);
    return { kind: 'done', seconds };
  } catch (error) {
    if (signal.aborted) return { kind: 'stopped' };
    if (error instanceof PlanFolderError) throw error;
    const failure = { message: lineOf(error), isWorthRetry: isWorthRetry(error) };
    if (!failure.isWorthRetry) folder.removeStates(run.id);
    write(failure);
    return { kind: 'failed', ...failure };
  }
}

function scoresOf({ seed, results }: SeedResult, metric: string): RunResult['seeds'][number] {
  const isOther = metric !== 'rmse' && metric !== 'angular error';
  return {
    seed,
    scores: results.map((result) => ({
      method: result.method,
      ...(result.rmse === undefined ? {} : { rmse: result.rmse }),
      ...(isOther ? { metric, score: result.scores[metric]! } : {}),
      ...(result.angularError === undefined ? {} : { angularError: result.angularError }),
      ...(result.bestStep === undefined ? {} : { bestStep: result.bestStep }),
      ...(result.validationError === undefined ? {} : { validationError: result.validationError }),
      ...(result.findings === undefined ? {} : { findings: result.findings }),
      ...(result.imitationLoss === undefined ? {} : { imitationLoss: result.imitationLoss }),
      params: result.params,
      macs: result.macs,
      seconds: result.seconds,
      weightsSha256: result.weightsSha256,
    })),
  };
}

/** As a shell wants it. */
function quoted(word: string): string {
  return /^[\w\-=./:,+@%]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
