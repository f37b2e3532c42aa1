/** A study: for every seed its data, a teacher, and a student of each method on the same data and initial weights. */
import type { Backend } from '../engine/backend.ts';
import { openCpu } from '../engine/cpu.ts';
import { saveTensors } from '../engine/checkpoint.ts';
import { GpuBackend, openGpu } from '../engine/gpu.ts';
import type { Tensor } from '../engine/tensor.ts';
import { outlierMask } from '../losses/outlier-mask.ts';
import { predict, rmse } from './evaluate.ts';
import { methods } from './methods/all.ts';
import { prepareData, type PreparedData } from './prepared-data.ts';
import type { CurvePoint, MethodResult, SeedResult, StudyConfig } from './results.ts';
import { sha256 } from './sha256.ts';
import { studentSteps, trainStudent } from './student.ts';
import type { StudyHooks, StudyOutcome, StudyPlan } from './study-types.ts';
import { type Teacher, teacherSteps, trainTeacher } from './teacher.ts';

export const methodNames: readonly string[] = [...methods.keys()];

/** What a study will do, without a device. */
export function planStudy(config: StudyConfig): StudyPlan {
  const teacher = teacherSteps(config);
  const perSeed = teacher.networks * teacher.stepsEach + config.methods.length * studentSteps(config);
  return { networks: config.seeds * (1 + config.methods.length), steps: config.seeds * perSeed };
}

/** Runs a study; the hooks hear of everything on the way. */
export async function runStudy(config: StudyConfig, hooks: StudyHooks): Promise<StudyOutcome> {
  const backend = config.device === 'cpu' ? openCpu() : await openGpu({ adapter: config.device, math: config.math });
  const host = backend instanceof GpuBackend ? backend.opened.info.host : 'node';
  const device = { adapter: backend.name, host, device: backend.kind };
  const dispatches = () => (backend.kind === 'gpu' ? backend.stats().dispatches : 0);
  try {
    hooks.onDevice(device);
    hooks.onPlan(planStudy(config));
    const progress = { doneSteps: 0 };
    const seeds: SeedResult[] = [];
    for (let i = 0; i < config.seeds && !hooks.signal.aborted; i++) {
      const seed = new SeedRun(config, config.seed + i, backend, hooks, progress);
      const result = await seed.run();
      if (result.results.length === 0) break;
      seeds.push(result);
      await hooks.onSeed(result, dispatches());
    }
    return { ...device, dispatches: dispatches(), seeds, interrupted: hooks.signal.aborted };
  } finally {
    backend.close();
  }
}

/** One seed: the data, the teacher, its mask, the students. */
class SeedRun {
  readonly #config: StudyConfig;
  readonly #seed: number;
  readonly #backend: Backend;
  readonly #hooks: StudyHooks;
  readonly #progress: { doneSteps: number };

  constructor(
    config: StudyConfig,
    seed: number,
    backend: Backend,
    hooks: StudyHooks,
    progress: { doneSteps: number },
  ) {
    this.#config = config;
    this.#seed = seed;
    this.#backend = backend;
    this.#hooks = hooks;
    this.#progress = progress;
  }

  /** If interrupted, with the networks that are finished. */
  async run(): Promise<SeedResult> {
    const data = await prepareData(this.#config, this.#seed, this.#backend);
    const results: MethodResult[] = [];
    let outlier: Float32Array = new Float32Array(data.label.length);
    const teacher = await this.#teacher(data, results);
    if (teacher) {
      const { rule, deviations, quantile, threshold } = this.#config;
      const options = { rule, deviations, quantile, threshold };
      outlier = outlierMask(data.label, teacher.predictions, options).outlier;
      for (const name of this.#config.methods) {
        const result = await this.#student(name, data, teacher, outlier);
        if (!result) break;
        results.push(result);
      }
      teacher.dispose();
    }
    data.dispose();
    return { seed: this.#seed, ...maskReport(data, outlier), results };
  }

  async #teacher(data: PreparedData, results: MethodResult[]): Promise<Teacher | undefined> {
    const { networks, stepsEach } = teacherSteps(this.#config);
    const watch = this.#watch('teacher', networks * stepsEach, data);
    const teacher = await trainTeacher(this.#config, data, this.#seed, this.#backend, watch);
    if (teacher) results.push(await this.#result(watch, data, teacher));
    return teacher;
  }

  async #student(
    name: string,
    data: PreparedData,
    teacher: Teacher,
    outlier: Float32Array,
  ): Promise<MethodResult | undefined> {
    const watch = this.#watch(name, studentSteps(this.#config), data);
    const student = await trainStudent(methods.get(name)!, {
      config: this.#config,
      data,
      teacher: teacher.predictions,
      outlier,
      seed: this.#seed,
      backend: this.#backend,
      ...watch,
    });
    if (!student) return undefined;
    const result = await this.#result(watch, data, student.deployed, student.heads);
    student.dispose();
    return result;
  }

  /** Follows one network: its curve, its time, its share of the progress. */
  #watch(method: string, steps: number, data: PreparedData) {
    const before = this.#progress.doneSteps;
    const started = performance.now();
    const curve: CurvePoint[] = [];
    const seed = this.#seed;
    return {
      method,
      curve,
      started,
      signal: this.#hooks.signal,
      onReading: async ({ step, loss }: { step: number; loss: number }, forward: (x: Tensor) => Tensor) => {
        const testRmse = rmse(await predict(forward, data.testInputs, data.yScale), data.dataset.test.y);
        const point = { step, loss, testRmse };
        curve.push(point);
        this.#progress.doneSteps = before + step;
        this.#hooks.onPoint({ seed, method, ...point });
        this.#hooks.onProgress({ seed, method, step, steps, loss, doneSteps: before + step });
      },
    };
  }

  async #result(
    { method, curve, started }: { method: string; curve: CurvePoint[]; started: number },
    data: PreparedData,
    network: Pick<Teacher, 'forward' | 'parameters' | 'parameterCount' | 'macs'>,
    heads?: MethodResult['heads'],
  ): Promise<MethodResult> {
    const seconds = (performance.now() - started) / 1000;
    const test = await predict(network.forward, data.testInputs, data.yScale);
    const fitted = await predict(network.forward, data.gridInputs, data.yScale);
    const weights = await saveTensors(network.parameters);
    const result: MethodResult = {
      method,
      seed: this.#seed,
      rmse: rmse(test, data.dataset.test.y),
      ...(heads ? { heads } : {}),
      params: network.parameterCount,
      macs: network.macs,
      seconds,
      weightsSha256: await sha256(weights),
      curve,
      fit: { x: data.grid, y: [...fitted] },
    };
    await this.#hooks.onNetwork(result, weights);
    return result;
  }
}

/** The mask beside the truth. */
function maskReport({ dataset }: PreparedData, mask: Float32Array): Pick<SeedResult, 'points' | 'mask'> {
  const outlier = Array.from(dataset.outlier, (bit) => bit === 1);
  const rejected = Array.from(mask, (bit) => bit === 1);
  const hits = rejected.filter((isRejected, i) => isRejected && outlier[i]).length;
  const share = (of: readonly boolean[]) => {
    const count = of.filter(Boolean).length;
    return count > 0 ? hits / count : null;
  };
  return {
    points: { x: [...dataset.train.x], y: [...dataset.train.y], outlier, rejected },
    mask: { precision: share(rejected), recall: share(outlier) },
  };
}
