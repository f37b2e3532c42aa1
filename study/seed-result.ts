/** What a seed contributes to a study: its labels with the mask beside the truth, and predictions beside labels. */
import { type Samples, unstandardise } from '../datasets/dataset.ts';
import type { Tensor } from '../engine/tensor.ts';
import type { NetworkInput } from '../models/network.ts';
import { predict } from './data/evaluate.ts';
import type { PreparedData, SeedData } from './data/prepared-data.ts';
import type { ShownImages } from './shown-images.ts';
import type { LabelPoints, MethodResult, SeedResult, TestPredictions } from './results.ts';

/** What is known of a seed so far. */
export interface Member {
  readonly data: SeedData;
  readonly results: MethodResult[];
  /** The teacher's standardised predictions, and which labels are rejected; empty until it is trained. */
  teacher: Float32Array;
  outlier: Float32Array;
  /** Of several teachers. */
  teacherVariance?: Float32Array | undefined;
  /** Of images, once the teacher has said which, if there is to be one. */
  shown?: ShownImages;
}

/** Rows of `TestPredictions`. */
const MOST_ROWS = 500;

/** The rows are in random order, so the first ones are a fair sample. */
export function testPredictions(test: Samples, predicted: Float64Array): TestPredictions {
  const length = Math.min(test.rows, MOST_ROWS) * test.outputs;
  return {
    kind: 'predictions',
    label: [...test.y.subarray(0, length)],
    predicted: [...predicted.subarray(0, length)],
  };
}

/** Of every seed: its curve, or without one, or without a network, what it predicts for test rows, which `tests` has. */
export async function fitsOf(
  forward: ((input: NetworkInput) => Tensor) | undefined,
  { grid, each, yScales }: PreparedData,
  tests: readonly Float64Array[],
): Promise<MethodResult['fit'][]> {
  if (!grid || !forward) return each.map(({ dataset }, i) => testPredictions(dataset.test, tests[i]!));
  const fitted = await predict(forward, grid.inputs, yScales);
  return fitted.map((y) => ({ kind: 'curve', x: [...grid.x], y: [...y] }));
}

/** The networks in the order asked for. */
export function seedResult(member: Member, order: readonly string[]): SeedResult {
  const points = pointsOf(member);
  const { outlier, rejected } = points;
  const share = (of: readonly boolean[]) => {
    const hits = rejected.filter((isRejected, i) => isRejected && outlier?.[i]).length;
    const count = of.filter(Boolean).length;
    return count > 0 ? hits / count : null;
  };
  const mask =
    outlier && rejected.length > 0
      ? { precision: share(rejected), recall: share(outlier) }
      : { precision: null, recall: null };
  return {
    seed: member.data.seed,
    points,
    mask,
    results: member.results.toSorted((a, b) => order.indexOf(a.method) - order.indexOf(b.method)),
    ...(member.shown ? { images: member.shown.findings() } : {}),
  };
}

/** Without a teacher no label is rejected or kept yet, and there may be no x to show it at. */
export function pointsOf({ data, teacher, outlier: mask }: Member): LabelPoints {
  const { train, outlier } = data.dataset;
  const isCurve = train.inputs === 1 && train.outputs === 1;
  return {
    against: isCurve ? 'input' : 'teacher',
    x: [...(isCurve ? train.x : unstandardise(teacher, data.yScale))],
    y: [...train.y],
    outlier: outlier ? Array.from(outlier, (bit) => bit === 1) : null,
    rejected: Array.from(mask, (bit) => bit === 1),
  };
}
