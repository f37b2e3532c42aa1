/** Methods trained on a batch that stays the same: contexts, teachers, losses. */
import type { Found } from '../base/aggregation.ts';
import type { Backend } from '../engine/backend.ts';
import { MethodContext } from '../methods/context.ts';
import { networkOf, studentOf, type StudyNetworks } from '../models/network.ts';
import type { Seeds } from '../models/parameters.ts';
import { regression } from '../tasks/regression.ts';
import { type BatchSource, runTraining, type StageReading, type Trained } from '../train/run-training.ts';
import type { Route } from '../methods/artifacts/route.ts';
import type { Batch, Stage, Training } from '../train/training.ts';

interface Shape {
  readonly seeds: readonly number[];
  readonly teacher: StudyNetworks | undefined;
  readonly inputs?: number;
  readonly outputs?: number;
  /** Of the student's only hidden layer. */
  readonly width?: number;
  /** Instead of that. */
  readonly student?: string;
  readonly aggregation?: Found;
  readonly rows?: number;
  readonly steps?: number;
  readonly epochSteps?: number;
  readonly route?: Route;
  readonly learningRate?: number;
}

export function contextOf(backend: Backend, given: Shape): MethodContext {
  const { seeds, teacher, inputs = 1, outputs = 1, width = 4, rows = 6, steps = 150 } = given;
  const shape = { inputs, outputs, extras: 0 };
  return new MethodContext({
    ...{ backend, name: 'test', seeds, task: regression, teacher, route: given.route },
    sizes: { inputs, outputs, rows, steps, epochSteps: given.epochSteps ?? steps },
    learningRate: given.learningRate ?? 1e-2,
    studentOf: (heads, arena, peer) =>
      studentOf(peer?.text || (given.student ?? `mlp:${width}`), heads, {
        backend,
        shape,
        seed: peer?.seed ?? seeds,
        arena,
      }),
    rows: seeds.map(() => Uint32Array.from({ length: 20 }, (_, i) => i)),
    aggregation: given.aggregation,
  });
}

/** One for all seeds, or one each. */
export function mlpTeacher(
  backend: Backend,
  widths: readonly number[],
  seed: Seeds,
  { inputs = 2, outputs = 1 } = {},
): StudyNetworks {
  const shape = { inputs, outputs, extras: 0 };
  return networkOf(`mlp:${widths.join(',')}`, 'teacher', { backend, shape, seed });
}

interface Watched {
  readonly onReading?: (reading: StageReading) => Promise<void>;
  readonly readings?: number;
  readonly signal?: AbortSignal;
  readonly saved?: Uint8Array;
  readonly onTrained?: (trained: Trained) => void;
  readonly validate?: (network: number) => Promise<readonly number[]>;
  /** Instead of the one batch. */
  readonly sourceOf?: (stage: Stage) => BatchSource;
}

/** Trains on one batch, and returns each reading's losses; all there were if it was interrupted. */
export async function lossesOf(
  training: Training,
  context: MethodContext,
  batch: Batch,
  { onReading, onTrained, sourceOf, ...watched }: Watched = {},
): Promise<(readonly number[])[]> {
  const losses: (readonly number[])[] = [];
  const { backend, players, networks } = context;
  const seeds = context.seeds.length;
  const trained = await runTraining(training, {
    ...{ backend, players, networks, seeds, ...watched },
    onStage: (_, total) => context.beginStage(total),
    names: context.seeds.map((seed) => `test, seed ${seed}`),
    batchesOf(stage): Readonly<Record<string, BatchSource>> {
      const { rows = 'student' } = stage;
      if (rows === 'none') return {};
      const names = typeof rows === 'string' || Array.isArray(rows) ? [''] : Object.keys(rows);
      const source = () => sourceOf?.(stage) ?? { prepare() {}, batch: () => batch, dispose() {} };
      return Object.fromEntries(names.map((name) => [name, source()]));
    },
    async onReading(reading) {
      losses.push(reading.losses);
      await onReading?.(reading);
    },
  });
  if (trained) onTrained?.(trained);
  return losses;
}
