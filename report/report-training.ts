/** Training curves over all seeds: the mean of each method, bold, over its single runs, faint. */

import type { SlotOf } from './report-marks.ts';
import {
  extent,
  figureSvg,
  type Frame,
  linearScale,
  linePath,
  logScale,
  type Scale,
  xAxis,
  yAxis,
} from './report-svg.ts';
import type { CurvePoint, SeedResult } from '../study/results.ts';
import { mean } from '../base/statistics.ts';
import { stageMarks } from './training/curricula.ts';

const frame: Frame = { width: 520, height: 330, left: 50, right: 22, top: 28, bottom: 44 };

type Quantity = 'testRmse' | 'testAngularError' | 'testError' | 'loss';

const names: Readonly<Record<Quantity, string>> = {
  testRmse: 'test RMSE',
  testAngularError: 'test angular error',
  testError: 'test error',
  loss: 'training loss',
};

/** What all points have: of directions the angle, of classes the share that is wrong. */
export function testQuantity(seeds: readonly SeedResult[]): Quantity {
  const points = seeds.flatMap(({ results }) => results.flatMap(({ curve }) => curve));
  const hasAll = (quantity: Quantity) =>
    points.length > 0 && points.every((point) => point[quantity] !== undefined);
  return (['testAngularError', 'testError'] as const).find(hasAll) ?? 'testRmse';
}

export function trainingChart(
  seeds: readonly SeedResult[],
  methods: readonly string[],
  quantity: Quantity,
  slotOf: SlotOf,
): string {
  const lastStep = studentSteps(seeds);
  const curves = methods.map((method) => ({ method, runs: runsOf(method, seeds, lastStep) }));
  const values = curves.flatMap(({ runs }) =>
    runs.flatMap((run) => run.map((point) => valueOf(point, quantity))),
  );
  // A logarithm needs a positive floor, whatever a loss may do.
  const positive = values.filter((value) => value > 0);
  const [low, high] = positive.length > 0 ? extent(positive) : [0.1, 1];
  const x = linearScale([0, lastStep], [frame.left, frame.width - frame.right], 5);
  const y = logScale([low * 0.92, high * 1.08], [frame.height - frame.bottom, frame.top]);
  const paths = curves.map(({ method, runs }) => {
    const slot = slotOf(method);
    const single =
      runs.length > 1 ? runs.map((run) => path(run, quantity, `faint ${slot}`, x, y)).join('') : '';
    return { single, bold: path(meanRun(runs), quantity, `line ${slot}`, x, y) };
  });
  const words = names[quantity];
  const body =
    xAxis(frame, x, 'step') +
    yAxis(frame, y, `${words} (${quantity === 'testAngularError' ? '°, ' : ''}log)`) +
    stageMarks(seeds, methods, { x, frame, slotOf }) +
    paths.map(({ single }) => single).join('') +
    paths.map(({ bold }) => bold).join('');
  const description = `Mean over seeds of the ${words} by training step, for ${methods.join(', ')}; logarithmic axis.`;
  return figureSvg(
    `training-${quantity}`,
    frame,
    { title: `${words} by step`, description, kind: 'medium' },
    body,
  );
}

/** The teacher may train longer; the axis ends with the students. */
function studentSteps(seeds: readonly SeedResult[]): number {
  const all = seeds.flatMap((seed) => seed.results);
  const students = all.filter((result) => result.method !== 'teacher');
  const steps = (students.length > 0 ? students : all).flatMap((result) =>
    result.curve.map((point) => point.step),
  );
  return Math.max(1, extent(steps)[1]);
}

function runsOf(method: string, seeds: readonly SeedResult[], lastStep: number): CurvePoint[][] {
  return seeds
    .flatMap((seed) => seed.results.filter((result) => result.method === method))
    .map((result) => thinned(result.curve.filter((point) => point.step <= lastStep)))
    .filter((run) => run.length > 0);
}

/** At most 200 points: more than the chart has room for. */
function thinned(run: readonly CurvePoint[]): CurvePoint[] {
  const every = Math.ceil(run.length / 200);
  return run.filter((_, i) => i % every === 0 || i === run.length - 1);
}

/** Point by point; runs of one method share their steps, but one that stopped early is shorter. */
function meanRun(runs: readonly CurvePoint[][]): CurvePoint[] {
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), runs[0] ?? []);
  return longest.map((point, i) => {
    const here = runs.flatMap((run) => run[i] ?? []);
    return {
      step: point.step,
      loss: mean(here.map(({ loss }) => loss)),
      testRmse: mean(here.map((own) => valueOf(own, 'testRmse'))),
      testAngularError: mean(here.map((own) => valueOf(own, 'testAngularError'))),
      testError: mean(here.map((own) => valueOf(own, 'testError'))),
    };
  });
}

function valueOf(point: CurvePoint, quantity: Quantity): number {
  return point[quantity] ?? NaN;
}

function path(run: readonly CurvePoint[], quantity: Quantity, classes: string, x: Scale, y: Scale): string {
  const steps = run.map((point) => point.step);
  return `<path class="${classes}" d="${linePath(
    steps,
    run.map((point) => valueOf(point, quantity)),
    x,
    y,
  )}"/>`;
}
