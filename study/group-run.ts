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
import type { MethodResult, SeedResult, StudyConfig } from './results.ts';
import { errorsOf, targetScoresOf } from './scores.ts';
import { allRows } from './rows.ts';
import type { StudyInput } from './study-input.ts';
import { type Member, pointsOf, seedResult } from './seed-result.ts';
import { addPredictions, ShownImages } from './shown-images.ts';
import { sha256 } from '../base/sha256.ts';
import { type Student, trainMethod } from './train-method.ts';
import type { StudyHooks } from './study-types.ts';
import { needsTeacher, trainingOrder } from './training-order.ts';
import { routeFor, taughtLosses } from './teachers/taught.ts';
import type { Teachers } from './teachers/teacher.ts';
import { teacherOrigin } from './teachers/teacher-origin.ts';
import { fitsOf, type Watch, watchOf } from './watch.ts';

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
        const watch = watchOf(method, {
          ...{ config: this.#config, data, hooks: this.#hooks, adapter: this.#backend.name },
          ...{ progress: this.#progress, failures: this.#failures },
        });
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
    const order = allRows(this.#config);
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
    // Labels are rejected by how far they are from the teacher; classes are not far from one another.
    const masks = data.task.labels === 'numbers' ? this.#columnOf(outlier) : undefined;
    for (const [i, member] of this.#members.entries()) {
      if (this.#failures.has(i)) continue;
      if (masks) member.outlier = masks[i]!;
      this.#tellLabels(member);
    }
    this.#showImages();
    await this.#addPredictions('teacher', teachers.networks, data, tests);
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
      aggregation: this.#input.aggregation,
      route: this.#teachers && routeFor(method, this.#teachers, taught),
      columns: Object.fromEntries(columns),
      hooks: watch,
    });
    if (!students) return false;
    try {
      for (const [k, student] of students.each.entries()) {
        const imitation = await taughtLosses(method, student.deployed, taught);
        await this.#keep(watch, data, student.deployed, { ...student, imitation }, k);
      }
    } finally {
      students.dispose();
    }
    return true;
  }

  /**
   * Evaluates the networks of one method and hands them on, but for a teacher that was not trained, of which there may be
   * predictions alone; returns each seed's predictions for its test rows.
   */
  async #keep(
    { rows, rowCurves, notes, failures, started, byKernel }: Watch,
    data: PreparedData,
    networks: StudyNetworks | undefined,
    { heads, bestSteps, bestErrors, stages, findings, hardness, imitation, aggregations }: Partial<Kept> = {},
    place = 0,
  ): Promise<readonly Float64Array[]> {
    const method = rows[place]!;
    const isTrained = method !== 'teacher' || teacherOrigin(this.#config) === 'trained';
    const seconds = isTrained ? (performance.now() - started) / 1000 / data.seeds.length / rows.length : null;
    const tests = networks
      ? await predict(networks.forward, data.testInputs, data.codings)
      : data.each.map(({ dataset }) => dataset.test.teacher!);
    const fits = await fitsOf(networks?.forward, data, tests);
    for (const [i, { seed, dataset }] of data.each.entries()) {
      if (failures.has(i)) continue;
      const own = { config: this.#config, input: this.#input, data, method, index: i };
      const weights = networks && isTrained ? await networkBytes(networks, own) : undefined;
      const note = notes.get(`${method}/${i}`);
      const result: MethodResult = {
        method,
        seed,
        ...errorsOf(data.task, dataset, tests[i]!),
        targets: targetScoresOf(dataset, tests[i]!),
        ...(heads ? { heads: heads[i] } : {}),
        ...(bestSteps ? { bestStep: bestSteps[i]! } : {}),
        ...(bestErrors ? { validationError: bestErrors[i]! } : {}),
        ...(stages ? { stages } : {}),
        ...(hardness ? { hardness: hardness[i]! } : {}),
        ...(imitation ? { imitationLoss: imitation[i]! } : {}),
        ...(findings ? { findings: findings[i]! } : {}),
        ...(note === undefined ? {} : { note }),
        ...(aggregations ? { aggregation: aggregations[i]! } : {}),
        params: networks?.parameterCount ?? null,
        macs: networks?.macs ?? null,
        seconds,
        ...(byKernel ? { byKernel } : {}),
        weightsSha256: weights ? await sha256(weights) : null,
        curve: rowCurves[place]![i]!,
        fit: fits[i]!,
      };
      const member = this.#members[i]!;
      member.results.push(result);
      if (weights) await this.#hooks.onNetwork(result, weights);
    }
    await this.#addPredictions(method, networks, data, tests);
    return tests;
  }

  /** Of the images that are shown; a teacher's, which says which they are, wait for that. */
  async #addPredictions(
    method: string,
    networks: StudyNetworks | undefined,
    data: PreparedData,
    tests: readonly Float64Array[],
  ): Promise<void> {
    const shown = this.#members.map((member, i) => (this.#failures.has(i) ? undefined : member.shown));
    if (networks) await addPredictions(shown, { method, ...networks }, data, tests);
  }
}

interface Kept extends Student {
  readonly imitation: ArrayLike<number> | undefined;
}
