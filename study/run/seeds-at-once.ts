/** How many seeds of a study are trained side by side: as many as are asked for, or as their data and the adapter allow. */
import type { Backend } from '../../engine/backend.ts';
import { valuesFor } from '../../base/option.ts';
import { chosenMethod } from '../../methods/chosen-method.ts';
import { type NetworkSizes, sizesOf } from '../../models/network.ts';
import { dataKindOf } from '../data/kinds/all.ts';
import { widthAndHeight } from '../data/kinds/images.ts';
import { areSeedsAlike, isOfImages } from '../options/input-config.ts';
import type { StudyConfig } from '../results.ts';
import type { StudyInput } from '../study-input.ts';
import { teacherOrigin } from '../teachers/teacher-origin.ts';

const MIB = 2 ** 20;
/** Of a step of all seeds together. */
const STEP_BYTES = 1024 * MIB;
/** Of peers together: `methods/peers/examine.ts`. */
const EXAMINED_ROWS = 1024;
/** Numbers that the pieces of one weight gradient may have: `kernels/conv2d/conv2d-plan.ts`. */
const PARTIAL_SUMS = 2 ** 20;

/** Bytes that one seed adds. */
interface SeedBytes {
  /** To the largest buffer that a kernel binds. */
  readonly binding: number;
  /** To a step: what layers put out, and its gradients. */
  readonly step: number;
}

/**
 * As many as `batchSeeds` unless parts of seeds have different numbers of rows, a buffer of all seeds would be larger than the
 * adapter binds, or a step would take more than 1 GiB. `why` says so where they are fewer than could be.
 */
export function seedsAtOnce(
  config: StudyConfig,
  input: StudyInput,
  { maxBinding }: Pick<Backend, 'maxBinding'>,
): { count: number; why: string | undefined } {
  const wanted = Math.min(config.batchSeeds, config.seeds);
  if (wanted === 1) return { count: 1, why: undefined };
  if (!areSeedsAlike(config, input))
    return { count: 1, why: 'one seed at a time: their parts have different numbers of rows' };
  const { binding, step } = seedBytes(config, input, maxBinding);
  const [byBinding, byStep] = [maxBinding / binding, STEP_BYTES / step];
  const count = Math.max(1, Math.min(wanted, Math.floor(Math.min(byBinding, byStep))));
  const reason =
    byBinding < byStep
      ? `more would not fit the ${Math.floor(maxBinding / MIB)} MiB that this adapter binds as one buffer`
      : `a step of more would take over ${STEP_BYTES / MIB} MiB`;
  return {
    count,
    why: count < wanted ? `${count === 1 ? 'one seed' : `${count} seeds`} at a time: ${reason}` : undefined,
  };
}

function seedBytes(config: StudyConfig, input: StudyInput, maxBinding: number): SeedBytes {
  const { batchSize, trainRows } = config;
  const { inputs, outputs, image } = shapeOf(config, input);
  const shape = { inputs, outputs, extras: 0, image };
  const teacher = networkOfTeacher(config, input);
  const networks = [
    sizesOf(config.student, '--student', shape),
    ...(teacher ? [sizesOf(teacher, '--teacher', shape)] : []),
  ];
  const together = Math.max(1, ...config.methods.map((name) => peersOf(name, config)));
  const rows = Math.min(batchSize, trainRows);
  const largest = Math.max(inputs, ...networks.flatMap((each) => each.outputs));
  const passed = Math.max(...networks.map(sumOfOutputs));
  const numbers = [
    // A method may see twice as many points as a batch has, and features of peers are looked at once trained.
    largest * (together > 1 ? Math.max(EXAMINED_ROWS, 2 * rows) : 2 * rows),
    // Networks that are trained together lie in one buffer, with what is dropped of them.
    2 * together * Math.max(...networks.map(({ parameters }) => parameters)),
    image ? PARTIAL_SUMS : trainRows * inputs,
  ].map((count) => 4 * count);
  // Bytes: seeds have none of their own where they are dealt from pictures that fit one buffer.
  const isShared = (input.pictures?.pixels.length ?? Infinity) <= maxBinding;
  const pixels = image && !isShared ? trainRows * inputs : 0;
  return { binding: Math.max(...numbers, pixels), step: 4 * 2 * rows * together * passed };
}

/** As it is trained, or as it was saved; undefined where there are only its predictions. */
function networkOfTeacher(config: StudyConfig, input: StudyInput): string | undefined {
  const origin = teacherOrigin(config);
  if (origin === 'column') return undefined;
  return origin === 'file' ? input.teacher?.description.network : config.teacher;
}

/** Networks that a method trains together. */
function peersOf(name: string, config: StudyConfig): number {
  const { method } = chosenMethod(name);
  return method.peers?.(valuesFor(method.options, { ...config })) ?? 1;
}

function sumOfOutputs({ outputs }: NetworkSizes): number {
  return outputs.reduce((sum, count) => sum + count, 0);
}

function shapeOf(config: StudyConfig, { table }: StudyInput) {
  const outputs = Math.max(1, config.target.length);
  const columns = table?.columns ?? dataKindOf(config).columns?.inputs ?? [];
  if (!isOfImages(config)) return { inputs: Math.max(1, columns.length), outputs, image: undefined };
  const { width, height } = widthAndHeight(config.size);
  return { inputs: width * height, outputs, image: [1, height, width] as const };
}
