/** Seeds of a study that are trained side by side: their data, teachers, masks, students, and what is reported of them. */
import type { Backend } from '../engine/backend.ts';
import { ArtifactColumns } from './artifact-columns.ts';
import type { Artifact } from '../methods/artifact.ts';
import { outlier } from '../methods/artifacts/outlier.ts';
import { chosenMethod } from '../methods/chosen-method.ts';
import { predict } from './data/evaluate.ts';
import { findTeachers } from './teachers/find-teachers.ts';
import { NonFiniteError } from '../train/run-steps.ts';
import type { StudyNetworks } from '../models/network.ts';
import { networkBytes } from './network-bytes.ts';
import { prepareData, type PreparedData } from './data/prepared-data.ts';
import type { CurvePoint, MethodResult, SeedResult, StudyConfig } from './results.ts';
import { errorsOf, targetScoresOf } from './scores.ts';
import type { StudyInput } from './study-input.ts';
import { fitsOf, type Member, pointsOf, seedResult } from './seed-result.ts';
import { addPredictions, ShownImages } from './shown-images.ts';
import { sha256 } from '../base/sha256.ts';
import { mean } from '../base/statistics.ts';
import { methodSteps, type Students, trainMethod } from './train-method.ts';
import type { StudyHooks } from './study-types.ts';
import { needsTeacher, trainingOrder } from './training-order.ts';
import { teacherSteps, type Teachers } from './teachers/teacher.ts';
import { routeFor, taughtLosses } from './taught.ts';
import { teacherOrigin } from './teachers/teacher-origin.ts';
import type { TeacherWatch } from './teachers/teacher-cache.ts';

interface Group {
  readonly config: StudyConfig;
  readonly input: StudyInput;
  readonly backend: Backend;
  readonly hooks: StudyHooks;
  /** Of the whole study. */
  readonly progress: { doneSteps: number };
}

/** Seeds that are trained side by side: their data, teachers, masks, students. */
export class GroupRun {
  #config: StudyConfig;
  readonly #input: StudyInput;
  readonly #backend: Backend;
  readonly #hooks: StudyHooks;
  readonly #progress: { doneSteps: number };
  #members: Member[] = [];
  #columns: ArtifactColumns | undefined;
  /** Until all students are trained: some meet it at points of their own. */
  #teachers: Teachers | undefined;
  /** By the seed's place: it is trained on with the others, and counts no more. */
  readonly #failures = new Map<number, NonFiniteError>();

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
   */
  async run(
    seeds: readonly number[],
  ): Promise<{ results: SeedResult[]; failure: NonFiniteError | undefined }> {
    const data = await prepareData(this.#config, seeds, this.#backend, this.#input);
    // Whole groups, or missing labels, may leave a seed fewer rows than the largest split has.
    this.#config = { ...this.#config, trainRows: data.each[0]!.dataset.train.rows };
    const none = new Float32Array(0);
    this.#members = data.each.map((each) => ({ data: each, results: [], teacher: none, outlier: none }));
    this.#columns = new ArtifactColumns(this.#members);
    for (const member of this.#members) this.#tellLabels(member);
    // Else the teacher says which.
    if (!needsTeacher(this.#config)) this.#showImages();
    try {
      for (const method of trainingOrder(this.#config)) {
        const watch = this.#watch(method, data);
        const isDone = await (method === 'teacher'
          ? this.#trainTeachers(watch, data)
          : this.#students(watch, data));
        if (!isDone) break;
        if (this.#failures.size === seeds.length) break;
      }
    } catch (error) {
      // `train` throws where no seed is left.
      if (!(error instanceof NonFiniteError)) throw error;
      const failure = [...this.#failures.values()][0] ?? error;
      return { results: [], failure };
    } finally {
      this.#teachers?.dispose();
      data.dispose();
    }
    const finished = this.#members.filter(({ results }, i) => results.length > 0 && !this.#failures.has(i));
    const order = ['teacher', ...this.#config.methods];
    const results = finished.map((member) => seedResult(member, order));
    return { results, failure: [...this.#failures.values()][0] };
  }

  /** False if it was interrupted. */
  async #trainTeachers(watch: Watch, data: PreparedData): Promise<boolean> {
    const task = { config: this.#config, data, backend: this.#backend };
    const sources = { cache: this.#hooks.teachers, saved: this.#input.teacher };
    const teachers = await findTeachers(task, watch, sources);
    if (!teachers) return false;
    this.#teachers = teachers;
    const tests = await this.#keep(watch, data, teachers.networks);
    for (const [i, member] of this.#members.entries()) {
      if (this.#failures.has(i)) continue;
      member.teacher = teachers.predictions[i]!;
      member.teacherVariance = teachers.variances?.[i];
    }
    const masks = this.#columnOf(outlier);
    for (const [i, member] of this.#members.entries()) {
      if (this.#failures.has(i)) continue;
      member.outlier = masks[i]!;
      this.#tellLabels(member);
    }
    this.#showImages();
    const method = 'teacher';
    for (const [i, { shown }] of this.#members.entries())
      if (shown) await addPredictions(shown, { method, ...teachers.networks! }, data, tests[i]!);
    return true;
  }

  #columnOf(artifact: Artifact): readonly Float32Array[] {
    return this.#columns!.of(artifact, this.#config, (i) => this.#failures.has(i));
  }

  #showImages(): void {
    for (const [i, member] of this.#members.entries()) {
      const { data, teacher, outlier: mask } = member;
      if (data.dataset.pictures && !this.#failures.has(i))
        member.shown = new ShownImages(data, teacher, mask);
    }
  }

  #tellLabels(member: Member): void {
    this.#hooks.onLabels?.({ seed: member.data.seed, points: pointsOf(member) });
  }

  async #students(watch: Watch, data: PreparedData): Promise<boolean> {
    const method = chosenMethod(watch.method);
    const columns = (method.method.uses ?? []).map(
      (artifact) => [artifact.name, this.#columnOf(artifact)] as const,
    );
    const taught = {
      ...{ config: this.#config, data, backend: this.#backend, members: this.#members },
      ...{ columns: this.#columns!, hasFailed: (i: number) => this.#failures.has(i) },
    };
    const students = await trainMethod(method, {
      ...taught,
      teacher: this.#teachers?.networks,
      route: this.#teachers && routeFor(method, this.#teachers, taught),
      columns: Object.fromEntries(columns),
      hooks: watch,
    });
    if (!students) return false;
    try {
      await this.#keep(watch, data, students.deployed, {
        ...students,
        imitation: await taughtLosses(method, students.deployed, taught),
      });
    } finally {
      students.dispose();
    }
    return true;
  }

  /** Follows the networks of one method: their curves, their time, their share of the progress. */
  #watch(method: string, data: PreparedData): Watch {
    const { networks, stepsEach } = teacherSteps(this.#config);
    const { prepared, all: steps } =
      method === 'teacher'
        ? { prepared: 0, all: networks * stepsEach }
        : methodSteps(chosenMethod(method), this.#config, data.studentRows?.[0]!.length);
    const before = this.#progress.doneSteps;
    const hooks = this.#hooks;
    const curves = data.seeds.map((): CurvePoint[] => []);
    const failures = this.#failures;
    const living = () => [...data.each.entries()].filter(([i]) => !failures.has(i));
    const tellProgress = (step: number, losses: readonly number[]) => {
      const doneSteps = before + step * data.seeds.length;
      this.#progress.doneSteps = doneSteps;
      const alive = living();
      if (alive.length === 0) return;
      const [seed, lastSeed] = [alive[0]![1].seed, alive.at(-1)![1].seed];
      const loss = mean(alive.map(([i]) => losses[i]!));
      hooks.onProgress({ seed, lastSeed, method, step, steps, loss, doneSteps });
    };
    const watch: Watch = {
      method,
      curves,
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
        this.#progress.doneSteps = before + steps * data.seeds.length;
      },
      onPreparing: ({ step, losses }) => tellProgress(step, losses),
      onReading: async ({ step, losses }, forward) => {
        const predicted = await predict(forward, data.testInputs, data.yScales);
        const alive = living();
        for (const [i, { seed, dataset }] of alive) {
          const { rmse: testRmse, angularError: testAngularError } = errorsOf(
            data.task,
            dataset,
            predicted[i]!,
          );
          const angle = testAngularError === undefined ? {} : { testAngularError };
          const point = { step, loss: losses[i]!, testRmse, ...angle };
          curves[i]!.push(point);
          hooks.onPoint({ seed, method, ...point });
        }
        if (hooks.onFit) {
          const fits = await fitsOf(forward, data, predicted);
          for (const [i, { seed }] of alive) hooks.onFit({ seed, method, step, fit: fits[i]! });
        }
        tellProgress(prepared + step, losses);
      },
    };
    return watch;
  }

  /**
   * Evaluates the networks of one method and hands them on, but for a teacher that was not trained, of which there may be
   * predictions alone; returns each seed's predictions for its test rows.
   */
  async #keep(
    { method, curves, failures, started, byKernel }: Watch,
    data: PreparedData,
    networks: StudyNetworks | undefined,
    { heads, bestSteps, stages, findings, imitation }: Partial<Kept> = {},
  ): Promise<readonly Float64Array[]> {
    const isTrained = method !== 'teacher' || teacherOrigin(this.#config) === 'trained';
    const seconds = isTrained ? (performance.now() - started) / 1000 / data.seeds.length : null;
    const tests = networks
      ? await predict(networks.forward, data.testInputs, data.yScales)
      : data.each.map(({ dataset }) => dataset.test.teacher!);
    const fits = await fitsOf(networks?.forward, data, tests);
    for (const [i, { seed, dataset }] of data.each.entries()) {
      if (failures.has(i)) continue;
      const own = { config: this.#config, input: this.#input, data, method, index: i };
      const weights = networks && isTrained ? await networkBytes(networks, own) : undefined;
      const result: MethodResult = {
        method,
        seed,
        ...errorsOf(data.task, dataset, tests[i]!),
        targets: targetScoresOf(dataset, tests[i]!),
        ...(heads ? { heads: heads[i] } : {}),
        ...(bestSteps ? { bestStep: bestSteps[i]! } : {}),
        ...(stages ? { stages } : {}),
        ...findings?.[i],
        ...(imitation ? { imitationLoss: imitation[i]! } : {}),
        params: networks?.parameterCount ?? null,
        macs: networks?.macs ?? null,
        seconds,
        ...(byKernel ? { byKernel } : {}),
        weightsSha256: weights ? await sha256(weights) : null,
        curve: curves[i]!,
        fit: fits[i]!,
      };
      const member = this.#members[i]!;
      member.results.push(result);
      if (networks && member.shown)
        await addPredictions(member.shown, { method, ...networks }, data, tests[i]!);
      if (weights) await this.#hooks.onNetwork(result, weights);
    }
    return tests;
  }
}

interface Kept extends Students {
  readonly imitation: ArrayLike<number> | undefined;
}

interface Watch extends TeacherWatch {
  readonly method: string;
  byKernel: boolean;
}
