/**
 * Teachers that were trained before: a study that is given a cache reads those that it needs and writes those that it
 * trains. A teacher is known by all that makes its bits, so a study has the same numbers with a cache and without.
 */
import { CheckpointError, loadTensors, saveTensors } from '../../engine/files/checkpoint.ts';
import {
  decodeSafetensors,
  encodeSafetensors,
  SafetensorsError,
  type SafetensorsFile,
} from '../../engine/files/safetensors.ts';
import { tensor } from '../../engine/tensor.ts';
import { isKnownNetwork } from '../../models/network-spec.ts';
import { isBuiltIn } from '../../tasks/all.ts';
import { disposeNetworks, stacked, tensorsOf } from '../../models/network.ts';
import type { CurvePoint } from '../results.ts';
import { type TeacherCache, teacherKeys, type TeacherTask } from './teacher-key.ts';
import type { NonFiniteError } from '../../train/run-steps.ts';
import type { TrainingHooks } from '../students-task.ts';
import type { Checkpoint } from './route.ts';
import { checkpointsOf, readRoute, writeRoute } from './route-cache.ts';
import { newTeachers, type TeacherNetworks, trainTeachers } from './teacher.ts';

export type { TeacherCache };

/** How a teacher's training went. */
interface TeacherTraining {
  readonly curve: readonly CurvePoint[];
  readonly seconds: number;
}

/** What a study knows of a training, seed by seed. */
export interface TeacherWatch extends TrainingHooks {
  readonly curves: readonly CurvePoint[][];
  /** By the seed's place among those that are trained side by side. */
  readonly failures: ReadonlyMap<number, NonFiniteError>;
  /** Moved on by pauses. */
  started: number;
  /** Instead of a training: one that was before. */
  replay(trainings: readonly TeacherTraining[]): void;
}

const PREDICTIONS = 'limbeck.predictions';
/** Of ensembles. */
const VARIANCES = 'limbeck.variances';
const TRAINING = 'limbeck.training';

/** Teachers from the cache if it has those of all seeds, else trained; undefined if that was interrupted. */
export async function cachedTeachers(
  task: TeacherTask,
  watch: TeacherWatch,
  cache: TeacherCache | undefined,
): Promise<TeacherNetworks | undefined> {
  const { config, data, backend } = task;
  const count = checkpointsOf(config);
  // Nobody knows what a task or a network of the user's own was when a teacher was kept.
  const isOwn = !isBuiltIn(data.task.name) || !isKnownNetwork(config.teacher.split(':')[0]!);
  if (!cache || isOwn) return trainTeachers(config, data, backend, watch, count);
  const keys = await teacherKeys(task);
  const route = count > 0 ? await readRoute(cache, keys, count) : [];
  const kept = route && (await readTeachers(cache, keys, task, route));
  if (kept) {
    watch.replay(kept.trainings);
    return kept.teachers;
  }
  const teachers = await trainTeachers(config, data, backend, watch, count);
  if (!teachers) return undefined;
  const seconds = (performance.now() - watch.started) / 1000 / data.seeds.length;
  const trainings = watch.curves.map((curve, i) => (watch.failures.has(i) ? undefined : { curve, seconds }));
  await writeTeachers(cache, keys, task, { teachers, trainings });
  const hasFailed = (i: number) => watch.failures.has(i);
  if (teachers.route) await writeRoute(cache, keys, count, teachers.route, hasFailed);
  return teachers;
}

/** Undefined unless the cache has the teachers of all seeds. */
async function readTeachers(
  cache: TeacherCache,
  keys: readonly string[],
  task: TeacherTask,
  route: readonly Checkpoint[],
): Promise<{ teachers: TeacherNetworks; trainings: TeacherTraining[] } | undefined> {
  const files: SafetensorsFile[] = [];
  for (const key of keys) {
    const file = decoded(await cache.read(key));
    if (!file) return undefined;
    files.push(file);
  }
  const [predictions, variances] = [PREDICTIONS, VARIANCES].map((name) =>
    files.flatMap(({ tensors }) => {
      const found = tensors.get(name);
      tensors.delete(name);
      return found ? [found.values as Float32Array] : [];
    }),
  ) as [Float32Array[], Float32Array[]];
  if (predictions.length !== keys.length) return undefined;
  const teachers = newTeachers(task.config, task.data, task.backend, {
    predictions,
    variances: variances.length > 0 ? variances : undefined,
    ...(route.length > 0 ? { route } : {}),
  });
  const { parameters, buffers } = teachers.networks;
  try {
    const weights = stacked(files.map(({ tensors }) => tensors));
    loadTensors({ ...parameters, ...buffers }, encodeSafetensors(weights));
    // What `writeTeachers` has written.
    const trainings = files.map(({ metadata }) => JSON.parse(metadata[TRAINING]!) as TeacherTraining);
    return { teachers, trainings };
  } catch (error) {
    // A foreign file under that name is as good as none, too: it has other tensors, or none of our words.
    const isForeign = [CheckpointError, SyntaxError, TypeError].some((kind) => error instanceof kind);
    if (!isForeign) throw error;
    disposeNetworks(teachers.networks);
    return undefined;
  }
}

/** A damaged file is as good as none: the teacher is trained again, and the file replaced. */
function decoded(bytes: Uint8Array | undefined): SafetensorsFile | undefined {
  if (!bytes) return undefined;
  try {
    return decodeSafetensors(bytes);
  } catch (error) {
    if (error instanceof SafetensorsError) return undefined;
    throw error;
  }
}

/** Those of seeds with a training; others are left out. */
async function writeTeachers(
  cache: TeacherCache,
  keys: readonly string[],
  { backend }: TeacherTask,
  { teachers, trainings }: { teachers: TeacherNetworks; trainings: readonly (TeacherTraining | undefined)[] },
): Promise<void> {
  for (const [i, key] of keys.entries()) {
    if (!trainings[i]) continue;
    const saved = tensorsOf(teachers.networks, i);
    const lists = { [PREDICTIONS]: teachers.predictions, [VARIANCES]: teachers.variances };
    const kept = Object.entries(lists).flatMap(([name, of]) => {
      const values = of?.[i];
      return values ? [[name, tensor(values, [values.length], backend, { label: name })] as const] : [];
    });
    const metadata = { [TRAINING]: JSON.stringify(trainings[i]) };
    await cache.write(
      key,
      // The CPU's weights are float64; rounded they would be another teacher.
      await saveTensors({ ...saved.tensors, ...Object.fromEntries(kept) }, metadata, { float64: true }),
    );
    for (const [, x] of kept) x.dispose();
    saved.dispose();
  }
}
