/** What is heard of the networks of one method while they train: curves, time, notes, their share of the progress. */
import { mean } from '../base/statistics.ts';
import type { Tensor } from '../engine/tensor.ts';
import { chosenMethod } from '../methods/chosen-method.ts';
import type { NetworkInput } from '../models/network.ts';
import type { NonFiniteError, Reading } from '../train/run-steps.ts';
import { predict } from './data/evaluate.ts';
import type { PreparedData } from './data/prepared-data.ts';
import type { CurvePoint, MethodResult, StudyConfig } from './results.ts';
import { rowsOf } from './rows.ts';
import { errorsOf, pointOf } from './scores.ts';
import { testPredictions } from './seed-result.ts';
import type { ProgressEvent, StudyHooks } from './study-types.ts';
import type { TeacherWatch } from './teachers/teacher-cache.ts';
import { teacherSteps } from './teachers/teacher.ts';
import { methodSteps } from './train-method.ts';

interface Watched {
  readonly config: StudyConfig;
  readonly data: PreparedData;
  readonly hooks: StudyHooks;
  /** Of the whole study. */
  readonly progress: { doneSteps: number };
  /** By the seed's place. */
  readonly failures: Map<number, NonFiniteError>;
}

export interface Watch extends TeacherWatch {
  readonly method: string;
  /** Its rows of the table, and the curves of each; `curves` are those of the first. */
  readonly rows: readonly string[];
  readonly rowCurves: readonly (readonly CurvePoint[][])[];
  /** What went wrong, by row and the seed's place. */
  readonly notes: Map<string, string>;
  byKernel: boolean;
}

/** Follows the networks of one method. */
export function watchOf(method: string, { config, data, hooks, progress, failures }: Watched): Watch {
  const { networks, stepsEach } = teacherSteps(config);
  const { prepared, all: steps } =
    method === 'teacher'
      ? { prepared: 0, all: networks * stepsEach }
      : methodSteps(chosenMethod(method), config, data.studentRows?.[0]!.length);
  const before = progress.doneSteps;
  const rows = method === 'teacher' ? [method] : rowsOf(method, config);
  const rowCurves = rows.map(() => data.seeds.map((): CurvePoint[] => []));
  const curves = rowCurves[0]!;
  const living = () => [...data.each.entries()].filter(([i]) => !failures.has(i));
  const tellProgress = (step: number, losses: readonly number[], signals: Reading['signals'] = []) => {
    const doneSteps = before + step * data.seeds.length;
    progress.doneSteps = doneSteps;
    const alive = living();
    if (alive.length === 0) return;
    const [seed, lastSeed] = [alive[0]![1].seed, alive.at(-1)![1].seed];
    const loss = mean(alive.map(([i]) => losses[i]!));
    const told = signalsOf(alive.map(([i]) => signals[i] ?? []));
    hooks.onProgress({ seed, lastSeed, method, step, steps, loss, ...told, doneSteps });
  };
  const watch: Watch = {
    method,
    rows,
    curves,
    rowCurves,
    notes: new Map(),
    failures,
    started: performance.now(),
    byKernel: false,
    onKernel() {
      watch.byKernel = true;
    },
    signal: hooks.signal,
    pause() {
      const pausing = hooks.pause?.();
      if (!pausing) return undefined;
      const from = performance.now();
      return pausing.then(() => {
        watch.started += performance.now() - from;
      });
    },
    onNonFinite(error, index) {
      if (!failures.has(index)) failures.set(index, error);
    },
    replay: (trainings) => {
      for (const [i, { curve, seconds }] of trainings.entries()) {
        curves[i]!.push(...curve);
        for (const point of curve) hooks.onPoint({ seed: data.seeds[i]!, method, ...point });
        watch.started -= seconds * 1000;
      }
      progress.doneSteps = before + steps * data.seeds.length;
    },
    onPreparing: ({ step, losses }) => tellProgress(step, losses),
    onNote(text, index, network) {
      watch.notes.set(`${rows[network]}/${index}`, text);
      hooks.onNote?.(`${rows[network]}, seed ${data.seeds[index]}: ${text}`);
    },
    onReading: async ({ step, losses, signals }, forward, network = 0) => {
      const row = rows[network]!;
      const predicted = await predict(forward, data.testInputs, data.codings);
      const alive = living();
      for (const [i, { seed, dataset }] of alive) {
        const own = signals[i]?.[network] ?? {};
        const told = Object.keys(own).length > 0 ? { signals: own } : {};
        const found = pointOf(errorsOf(data.task, dataset, predicted[i]!));
        const point = { step, loss: losses[i]!, ...found, ...told };
        rowCurves[network]![i]!.push(point);
        hooks.onPoint({ seed, method: row, ...point });
      }
      if (hooks.onFit) {
        const fits = await fitsOf(forward, data, predicted);
        for (const [i, { seed }] of alive) hooks.onFit({ seed, method: row, step, fit: fits[i]! });
      }
      tellProgress(prepared + step, losses, signals);
    },
  };
  return watch;
}

/** Of every seed: its curve, or without one, or without a network, what it predicts for test rows, which `tests` has. */
export async function fitsOf(
  forward: ((input: NetworkInput) => Tensor) | undefined,
  { grid, each, codings }: PreparedData,
  tests: readonly Float64Array[],
): Promise<MethodResult['fit'][]> {
  if (!grid || !forward) return each.map(({ dataset }, i) => testPredictions(dataset, tests[i]!));
  const fitted = await predict(forward, grid.inputs, codings);
  return fitted.map((y) => ({ kind: 'curve', x: [...grid.x], y: [...y] }));
}

/** Of each network the mean over the seeds, by name. */
function signalsOf(seeds: Reading['signals']): Pick<ProgressEvent, 'signals'> {
  const names = Object.keys(seeds[0]?.[0] ?? {});
  if (names.length === 0) return {};
  const of = (name: string) => seeds[0]!.map((_, k) => mean(seeds.map((networks) => networks[k]![name]!)));
  return { signals: Object.fromEntries(names.map((name) => [name, of(name)])) };
}
