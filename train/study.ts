/**
 * A study: for every seed its data, a teacher, and a student of each method on the same data and initial weights. Seeds
 * are trained side by side, as one model with an axis of seeds; each gives the bits that it gives alone.
 */
import type { Backend } from '../engine/backend.ts';
import { openCpu } from '../engine/cpu.ts';
import { saveTensors } from '../engine/checkpoint.ts';
import { hostOf } from '../engine/device.ts';
import { openGpu } from '../engine/gpu.ts';
import { outlierMask } from '../losses/outlier-mask.ts';
import { predict } from './evaluate.ts';
import type { Tensor } from '../engine/tensor.ts';
import { NonFiniteError } from './loop.ts';
import { methods } from './methods/all.ts';
import { type NetworkInput, type StudyNetworks, tensorsOf } from './network.ts';
import { networkMetadata } from './network-description.ts';
import { prepareData, type PreparedData } from './prepared-data.ts';
import type { CurvePoint, MethodResult, SeedResult, StudyConfig } from './results.ts';
import { scoresOf } from './scores.ts';
import type { StudyInput } from './seed-dataset.ts';
import { type Member, pointsOf, seedResult, testPredictions } from './seed-result.ts';
import { addPredictions, showImages } from './shown-images.ts';
import { sha256 } from './sha256.ts';
import { mean } from './statistics.ts';
import { studentSteps, type TrainingHooks, trainStudents } from './student.ts';
import type { StudyHooks, StudyOutcome, StudyPlan } from './study-types.ts';
import { configFor, isOfImages } from './input-config.ts';
import { teacherSteps, trainTeachers } from './teacher.ts';

export const methodNames: readonly string[] = [...methods.keys()];

/** What a study will do, without a device; for data that are read with the rows that `configFor` has found. */
export function planStudy(config: StudyConfig): StudyPlan {
  const teacher = teacherSteps(config);
  const perSeed = teacher.networks * teacher.stepsEach + config.methods.length * studentSteps(config);
  return { networks: config.seeds * (1 + config.methods.length), steps: config.seeds * perSeed };
}

/**
 * Runs a study; the hooks hear of everything on the way.
 *
 * @throws UserError if configuration and data do not fit; AdapterError, DeviceLostError, NonFiniteError.
 */
export async function runStudy(
  given: StudyConfig,
  hooks: StudyHooks,
  input: StudyInput = {},
): Promise<StudyOutcome> {
  const config = configFor(given, input);
  const backend =
    config.device === 'cpu' ? openCpu() : await openGpu({ adapter: config.device, math: config.math });
  const device = { adapter: backend.name, host: hostOf(), device: backend.kind };
  const dispatches = () => (backend.kind === 'gpu' ? backend.stats().dispatches : 0);
  try {
    hooks.onDevice(device);
    hooks.onPlan(planStudy(config));
    const progress = { doneSteps: 0 };
    const finished: SeedResult[] = [];
    const most = isOfImages(config) ? 1 : config.batchSeeds;
    for (let first = 0; first < config.seeds && !hooks.signal.aborted; first += most) {
      const count = Math.min(most, config.seeds - first);
      const seeds = Array.from({ length: count }, (_, i) => config.seed + first + i);
      const { results, failure } = await new GroupRun({ config, input, backend, hooks, progress }).run(seeds);
      for (const result of results) {
        finished.push(result);
        await hooks.onSeed(result, dispatches());
      }
      if (failure) throw failure;
    }
    return { ...device, dispatches: dispatches(), seeds: finished, interrupted: hooks.signal.aborted };
  } finally {
    backend.close();
  }
}

interface Group {
  readonly config: StudyConfig;
  readonly input: StudyInput;
  readonly backend: Backend;
  readonly hooks: StudyHooks;
  /** Of the whole study. */
  readonly progress: { doneSteps: number };
}

/** Seeds that are trained side by side: their data, teachers, masks, students. */
class GroupRun {
  readonly #config: StudyConfig;
  readonly #input: StudyInput;
  readonly #backend: Backend;
  readonly #hooks: StudyHooks;
  readonly #progress: { doneSteps: number };
  #members: Member[] = [];

  constructor({ config, input, backend, hooks, progress }: Group) {
    this.#config = config;
    this.#input = input;
    this.#backend = backend;
    this.#hooks = hooks;
    this.#progress = progress;
  }

  /**
   * If interrupted, with the networks that are finished. A seed whose loss was not finite drops out, and the first such
   * error is returned.
   *
   * @throws NonFiniteError if no seed is left.
   */
  async run(
    seeds: readonly number[],
  ): Promise<{ results: SeedResult[]; failure: NonFiniteError | undefined }> {
    let failure: NonFiniteError | undefined;
    let data = await prepareData(this.#config, seeds, this.#backend, this.#input);
    const none = new Float32Array(0);
    this.#members = data.each.map((each) => ({ data: each, results: [], teacher: none, outlier: none }));
    for (const member of this.#members) this.#tellLabels(member);
    for (const method of trainingOrder(this.#config)) {
      const watch = this.#watch(method, data);
      let isDone: boolean;
      try {
        isDone = await (method === 'teacher' ? this.#teachers(watch, data) : this.#students(watch, data));
      } catch (error) {
        throw error instanceof NonFiniteError ? (failure ?? error) : error;
      }
      if (!isDone) break;
      if (watch.failures.size === 0) continue;
      failure ??= [...watch.failures.values()][0];
      this.#members = this.#members.filter((_, i) => !watch.failures.has(i));
      data.dispose();
      const left = this.#members.map((member) => member.data.seed);
      data = await prepareData(this.#config, left, this.#backend, this.#input);
    }
    data.dispose();
    const withResults = this.#members.filter(({ results }) => results.length > 0);
    const order = ['teacher', ...this.#config.methods];
    return { results: withResults.map((member) => seedResult(member, order)), failure };
  }

  /** False if it was interrupted. */
  async #teachers(watch: Watch, data: PreparedData): Promise<boolean> {
    const teachers = await trainTeachers(this.#config, data, this.#backend, watch);
    if (!teachers) return false;
    await this.#keep(watch, data, teachers);
    const { rule, deviations, quantile, threshold } = this.#config;
    const options = { rule, deviations, quantile, threshold, columns: data.outputs };
    for (const [i, member] of this.#members.entries()) {
      if (watch.failures.has(i)) continue;
      member.teacher = teachers.predictions[i]!;
      member.outlier = outlierMask(member.data.label, member.teacher, options).outlier;
      this.#tellLabels(member);
      if (member.data.dataset.pictures) member.shown = await showImages(member, teachers, data);
    }
    teachers.dispose();
    return true;
  }

  #tellLabels(member: Member): void {
    this.#hooks.onLabels?.({ seed: member.data.seed, points: pointsOf(member) });
  }

  async #students(watch: Watch, data: PreparedData): Promise<boolean> {
    const students = await trainStudents(methods.get(watch.method)!, {
      config: this.#config,
      data,
      teachers: this.#members.map(({ teacher, data: { label } }) => orZeros(teacher, label.length)),
      outliers: this.#members.map(({ outlier, data: { label } }) => orZeros(outlier, label.length)),
      backend: this.#backend,
      hooks: watch,
    });
    if (!students) return false;
    await this.#keep(watch, data, students.deployed, students.heads);
    students.dispose();
    return true;
  }

  /** Follows the networks of one method: their curves, their time, their share of the progress. */
  #watch(method: string, data: PreparedData): Watch {
    const { networks, stepsEach } = teacherSteps(this.#config);
    const steps = method === 'teacher' ? networks * stepsEach : studentSteps(this.#config);
    const before = this.#progress.doneSteps;
    const hooks = this.#hooks;
    const curves = data.seeds.map((): CurvePoint[] => []);
    const failures = new Map<number, NonFiniteError>();
    const watch: Watch = {
      method,
      curves,
      failures,
      started: performance.now(),
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
      onReading: async ({ step, losses }, forward) => {
        const predicted = await predict(forward, data.testInputs, data.yScales);
        const doneSteps = before + step * data.seeds.length;
        this.#progress.doneSteps = doneSteps;
        const alive = [...data.each.entries()].filter(([i]) => !failures.has(i));
        for (const [i, { seed, dataset }] of alive) {
          const { rmse: testRmse, angularError: testAngularError } = scoresOf(dataset, predicted[i]!);
          const angle = testAngularError === undefined ? {} : { testAngularError };
          const point = { step, loss: losses[i]!, testRmse, ...angle };
          curves[i]!.push(point);
          hooks.onPoint({ seed, method, ...point });
        }
        if (hooks.onFit) {
          const fits = await this.#fits(forward, data, predicted);
          for (const [i, { seed }] of alive) hooks.onFit({ seed, method, step, fit: fits[i]! });
        }
        const [seed, lastSeed] = [alive[0]![1].seed, alive.at(-1)![1].seed];
        const loss = mean(alive.map(([i]) => losses[i]!));
        hooks.onProgress({ seed, lastSeed, method, step, steps, loss, doneSteps });
      },
    };
    return watch;
  }

  /** Of every seed: its curve, or without one what it predicts for test rows, which `tests` has. */
  async #fits(
    forward: (input: NetworkInput) => Tensor,
    { grid, each, yScales }: PreparedData,
    tests: readonly Float64Array[],
  ): Promise<MethodResult['fit'][]> {
    if (!grid) return each.map(({ dataset }, i) => testPredictions(dataset.test, tests[i]!));
    const fitted = await predict(forward, grid.inputs, yScales);
    return fitted.map((y) => ({ kind: 'curve', x: [...grid.x], y: [...y] }));
  }

  /** Evaluates the networks of one method and hands them on. */
  async #keep(
    { method, curves, failures, started }: Watch,
    data: PreparedData,
    networks: StudyNetworks,
    heads?: readonly MethodResult['heads'][],
  ): Promise<void> {
    const seconds = (performance.now() - started) / 1000 / data.seeds.length;
    const tests = await predict(networks.forward, data.testInputs, data.yScales);
    const fits = await this.#fits(networks.forward, data, tests);
    for (const [i, { seed, dataset }] of data.each.entries()) {
      if (failures.has(i)) continue;
      const saved = tensorsOf(networks, { index: i, isSideBySide: data.isSideBySide });
      const study = { config: this.#config, input: this.#input };
      const weights = await saveTensors(saved.tensors, networkMetadata(method, data.each[i]!, study));
      saved.dispose();
      const result: MethodResult = {
        method,
        seed,
        ...scoresOf(dataset, tests[i]!),
        ...(heads ? { heads: heads[i] } : {}),
        params: networks.parameterCount,
        macs: networks.macs,
        seconds,
        weightsSha256: await sha256(weights),
        curve: curves[i]!,
        fit: fits[i]!,
      };
      const member = this.#members[i]!;
      member.results.push(result);
      if (member.shown) await addPredictions(member.shown, { method, ...networks }, data, tests[i]!);
      await this.#hooks.onNetwork(result, weights);
    }
  }
}

/**
 * Students without a teacher come first: they give the first results soonest, and no number depends on the order. Of
 * images the teacher says which are shown, so that it is the first.
 */
function trainingOrder(config: StudyConfig): string[] {
  const needsTeacher = (method: string) => isOfImages(config) || methods.get(method)!.needsTeacher;
  const chosen = config.methods;
  return [...chosen.filter((method) => !needsTeacher(method)), 'teacher', ...chosen.filter(needsTeacher)];
}

/** A batch has the columns of a teacher before there is one; no loss reads them then. */
function orZeros(values: Float32Array, length: number): Float32Array {
  return values.length > 0 ? values : new Float32Array(length);
}

interface Watch extends TrainingHooks {
  readonly method: string;
  readonly curves: readonly CurvePoint[][];
  /** By the seed's place among the members. */
  readonly failures: ReadonlyMap<number, NonFiniteError>;
  /** Moved on by pauses. */
  started: number;
}
