/** Checkpoints of teachers that were trained before: kept beside the teachers, a file a seed, by what made their bits. */
import { sha256 } from '../../base/sha256.ts';
import {
  decodeSafetensors,
  encodeSafetensors,
  SafetensorsError,
  type SafetensorsInput,
} from '../../engine/files/safetensors.ts';
import { chosenMethod, teacherNeeds } from '../../methods/chosen-method.ts';
import { stacked } from '../../models/network.ts';
import type { StudyConfig } from '../results.ts';
import type { Checkpoint } from './route.ts';
import type { TeacherCache } from './teacher-key.ts';

const PREDICTIONS = 'limbeck.predictions';
const SHARES = 'limbeck.shares';

/** How many checkpoints of each teacher the methods of a study ask for. */
export function checkpointsOf(config: StudyConfig): number {
  const isAsked = config.methods.some((name) => teacherNeeds(chosenMethod(name)).includes('route'));
  return isAsked ? config.rcoCheckpoints : 0;
}

function keysOf(teachers: readonly string[], count: number): Promise<string[]> {
  return Promise.all(
    teachers.map((key) => sha256(new TextEncoder().encode(JSON.stringify([key, 'route', count])))),
  );
}

/** @param teachers Keys of the teachers. Undefined unless the cache has the checkpoints of all of them. */
export async function readRoute(
  cache: TeacherCache,
  teachers: readonly string[],
  count: number,
): Promise<Checkpoint[] | undefined> {
  const routes: SeedCheckpoint[][] = [];
  for (const key of await keysOf(teachers, count)) {
    const route = decoded(await cache.read(key));
    if (!route || route.length !== (routes[0] ?? route).length) return undefined;
    routes.push(route);
  }
  return routes[0]!.map(({ share }, j) => ({
    share,
    tensors: stacked(routes.map((route) => route[j]!.tensors)),
    predictions: routes.map((route) => route[j]!.predictions),
  }));
}

/** Those of seeds that did not fail. */
export async function writeRoute(
  cache: TeacherCache,
  teachers: readonly string[],
  count: number,
  route: readonly Checkpoint[],
  hasFailed: (index: number) => boolean,
): Promise<void> {
  const keys = await keysOf(teachers, count);
  for (const [i, key] of keys.entries()) {
    if (hasFailed(i)) continue;
    const tensors = new Map<string, SafetensorsInput>();
    for (const [j, checkpoint] of route.entries()) {
      for (const [name, { shape, values }] of checkpoint.tensors) {
        const size = values.length / keys.length;
        const own = values.slice(i * size, (i + 1) * size);
        tensors.set(`${j}.${name}`, { shape: shape.slice(1), values: own });
      }
      const values = checkpoint.predictions[i]!;
      tensors.set(`${j}.${PREDICTIONS}`, { shape: [values.length], values });
    }
    const shares = JSON.stringify(route.map(({ share }) => share));
    await cache.write(key, encodeSafetensors(tensors, { [SHARES]: shares }));
  }
}

/** One seed's. */
interface SeedCheckpoint {
  readonly share: number;
  readonly tensors: Map<string, SafetensorsInput>;
  readonly predictions: Float32Array;
}

/** A damaged or foreign file is as good as none: the teacher is trained again, and the file replaced. */
function decoded(bytes: Uint8Array | undefined): SeedCheckpoint[] | undefined {
  if (!bytes) return undefined;
  try {
    const { tensors, metadata } = decodeSafetensors(bytes);
    const shares = JSON.parse(metadata[SHARES] ?? '') as number[];
    return shares.map((share, j) => {
      const prefix = `${j}.`;
      const own = new Map<string, SafetensorsInput>(
        [...tensors].flatMap(([name, each]) =>
          name.startsWith(prefix) ? [[name.slice(prefix.length), each] as const] : [],
        ),
      );
      const { values } = own.get(PREDICTIONS)!;
      own.delete(PREDICTIONS);
      return { share, tensors: own, predictions: Float32Array.from(values as Float32Array) };
    });
  } catch (error) {
    if ([SafetensorsError, SyntaxError, TypeError].some((kind) => error instanceof kind)) return undefined;
    throw error;
  }
}
