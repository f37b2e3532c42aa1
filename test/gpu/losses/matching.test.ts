/** Synthetic points, adversarial points and matched gradients, each by itself; `matching-step.test.ts` has them together. */
import { describe, expect, test } from 'vitest';
import { grad } from '../../../engine/grad.ts';
import { matmul } from '../../../engine/ops/matmul/matmul.ts';
import { add, mul, square, sub } from '../../../engine/ops/pointwise/elementwise.ts';
import { tanh } from '../../../engine/ops/pointwise/activations.ts';
import { mean } from '../../../engine/ops/reduce/reduce.ts';
import { sum } from '../../../engine/ops/reduce/sum.ts';
import { normal } from '../../../engine/random.ts';
import type { Backend } from '../../../engine/backend.ts';
import { type Tensor, tensor, zeros } from '../../../engine/tensor.ts';
import { ascend, leaf } from '../../../losses/matching/ascend.ts';
import { generatorLoss, latent } from '../../../losses/matching/generator.ts';
import { mixUp, perturb } from '../../../losses/matching/perturb.ts';
import { matchInputGradients, matchSlopes, probesOf } from '../../../losses/matching/slopes.ts';
import { mlp } from '../../../models/mlp.ts';
import { cpu, gpu } from '../../backends.ts';
import { checkBackends, checkGrads, compareValues, noise } from '../../check.ts';

const [ROWS, INPUTS, OUTPUTS] = [5, 3, 2];

const both: [string, () => Promise<Backend>][] = [
  ['CPU', async () => cpu],
  ['GPU', gpu],
];

/** A teacher and a student of two seeds, and points for each. */
function networks(backend: Backend, seeds: readonly number[] = [1, 2]) {
  const options = { backend, inputs: INPUTS, outputs: OUTPUTS };
  const teacher = mlp({ ...options, widths: [12], seed: seeds.map((seed) => seed + 100) });
  const student = mlp({ ...options, widths: [4], seed: seeds });
  const values = seeds.flatMap((seed) => [...noise(ROWS * INPUTS, seed)]);
  const x = tensor(values, [seeds.length, ROWS, INPUTS], backend);
  return { teacher: teacher.forward, student: student.forward, parameters: student.parameters, x };
}

/** Two layers without biases, from weights that a check varies. */
const network = (x: Tensor, first: Tensor, second: Tensor) => matmul(tanh(matmul(x, first)), second);

async function rowsOf(x: Tensor, columns: number): Promise<number[][]> {
  const values = [...(await x.data())];
  return Array.from({ length: values.length / columns }, (_, i) =>
    values.slice(i * columns, (i + 1) * columns),
  );
}

describe.each(both)('on the %s', (_, open) => {
  test('perturbed points: mean, deviation, new in every step, by seed, on a schedule', async () => {
    const backend = await open();
    const x = tensor(new Float32Array(20_000).fill(2), [2, 2500, 4], backend);
    const seed = [7, 8];
    const values = Float64Array.from(await perturb(x, { sigma: 0.3, seed }).data());
    const average = values.reduce((total, v) => total + v, 0) / values.length;
    const variance = values.reduce((total, v) => total + (v - average) ** 2, 0) / values.length;
    expect(Math.abs(average - 2)).toBeLessThan((5 * 0.3) / Math.sqrt(values.length));
    expect(Math.abs(variance - 0.09)).toBeLessThan(5 * 0.09 * Math.sqrt(2 / values.length));
    const second = tensor(new Float32Array(10_000).fill(2), [2500, 4], backend);
    const alone = await perturb(second, { sigma: 0.3, seed: 8 }).data();
    expect([...values.subarray(10_000)]).toEqual([...alone]);
    const slot = backend.step.slot(() => 0.3);
    backend.step.begin();
    expect([...(await perturb(x, { sigma: slot, seed }).data())]).not.toEqual([...values]);
    backend.step.begin(backend.step.number - 1);
    compareValues('scheduled', await perturb(x, { sigma: slot, seed }).data(), values, 1e-6);
    slot.free();
    expect([...(await perturb(second, { sigma: 0 }).data())]).toEqual([...(await second.data())]);
  });

  test('mixed points lie between a row and the next', async () => {
    const backend = await open();
    const x = tensor(noise(30, 3), [2, 5, 3], backend);
    const [before, after] = [await rowsOf(x, 3), await rowsOf(mixUp(x, { seed: [1, 2], leadingAxes: 1 }), 3)];
    const shares = after.map((row, i) => {
      const next = before[i % 5 === 4 ? i - 4 : i + 1]!;
      const each = row.map((value, k) => (value - next[k]!) / (before[i]![k]! - next[k]!));
      for (const u of each) expect(u).toBeCloseTo(each[0]!, 3);
      return each[0]!;
    });
    for (const u of shares) expect(u).toBeGreaterThan(-1e-3);
    for (const u of shares) expect(u).toBeLessThan(1 + 1e-3);
    expect(new Set(shares.map((u) => u.toFixed(3))).size).toBeGreaterThan(8);
  });

  test('ascent: steps of one length, uphill, a seed as if alone', async () => {
    const backend = await open();
    const { teacher, student, x } = networks(backend);
    const gapOf = async (points: Tensor) =>
      (await rowsOf(square(sub(teacher(points), student(points))), OUTPUTS)).map(
        ([a, b]) => (a ?? 0) + (b ?? 0),
      );
    const once = await rowsOf(sub(ascend(x, { teacher, student }, { steps: 1, leadingAxes: 1 }), x), INPUTS);
    for (const step of once) expect(Math.hypot(...step)).toBeCloseTo(0.2, 4);
    const points = ascend(x, { teacher, student }, { steps: 8, stepSize: 0.1, leadingAxes: 1 });
    const [before, after] = [await gapOf(x), await gapOf(points)];
    for (const [i, gap] of after.entries()) expect(gap).toBeGreaterThan(before[i]!);
    for (const step of await rowsOf(sub(points, x), INPUTS))
      expect(Math.hypot(...step)).toBeLessThan(0.8 + 1e-4);
    const alone = networks(backend, [2]);
    const own = await ascend(alone.x, alone, { steps: 8, stepSize: 0.1, leadingAxes: 1 }).data();
    expect([...(await points.data()).subarray(ROWS * INPUTS)]).toEqual([...own]);
  });
});

test('ascent: alike networks move nothing, penalties pull back', async () => {
  const { teacher, student, x } = networks(cpu);
  const still = ascend(x, { teacher, student: teacher }, { leadingAxes: 1 });
  expect([...(await still.data())]).toEqual([...(await x.data())]);
  const size = async (y: Tensor) => sum(square(y)).item();
  const options = { steps: 4, leadingAxes: 1 };
  const free = ascend(x, { teacher, student }, options);
  expect(await size(ascend(x, { teacher, student }, { ...options, inputPenalty: 10 }))).toBeLessThan(
    0.7 * (await size(free)),
  );
  const tamed = ascend(x, { teacher, student }, { ...options, outputPenalty: 100 });
  expect(await size(student(tamed))).toBeLessThan(await size(student(free)));
});

test('a generator’s loss is its formula; its gradients, to order 2', async () => {
  const { teacher, student, x } = networks(cpu);
  const penalties = { inputPenalty: 0.1, outputPenalty: 0.3 };
  const [t, s] = [await rowsOf(teacher(x), OUTPUTS), await rowsOf(student(x), OUTPUTS)];
  const points = await rowsOf(x, INPUTS);
  const average = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const wanted = [0, 1].map((seed) => {
    const rows = Array.from({ length: ROWS }, (_, i) => seed * ROWS + i);
    const gap = average(rows.flatMap((i) => t[i]!.map((value, k) => (value - s[i]![k]!) ** 2)));
    const length = average(rows.map((i) => Math.hypot(...points[i]!) ** 2));
    return -gap + 0.1 * length + 0.3 * average(rows.flatMap((i) => s[i]!.map((value) => value ** 2)));
  });
  const loss = generatorLoss(x, { teacher, student }, { ...penalties, leadingAxes: 1 });
  compareValues('loss', await loss.data(), Float64Array.from(wanted), 1e-12);
  // By the generator's weights: z to points to both networks.
  const inputs = [
    [ROWS, 4],
    [4, 6],
    [6, INPUTS],
    [INPUTS, 5],
    [5, OUTPUTS],
  ].map((shape, i) => ({
    shape,
    values: noise(shape[0]! * shape[1]!, i),
    isConstant: i === 0 || i > 2,
  }));
  const f = (z: Tensor, first: Tensor, second: Tensor, third: Tensor, last: Tensor) =>
    generatorLoss(
      network(z, first, second),
      { teacher: (g) => network(g, third, last), student: (g) => mul(network(g, third, last), 0.5) },
      penalties,
    );
  await checkGrads(f, inputs);
  await checkBackends(f, inputs, { tolerance: 1e-5 });
  const z = latent(cpu, { rows: 4, size: 3, seed: [1, 2], call: 5 });
  const second = await latent(cpu, { rows: 4, size: 3, seed: 2, call: 5 }).data();
  expect([...(await z.data()).subarray(12)]).toEqual([...second]);
});

describe('input gradients', () => {
  const shapes = [
    [2, ROWS, INPUTS],
    [2, INPUTS, 6],
    [2, 6, OUTPUTS],
    [2, INPUTS, 4],
    [2, 4, OUTPUTS],
  ];
  const inputs = shapes.map((shape, i) => ({
    shape,
    values: noise(shape[0]! * shape[1]! * shape[2]!, i + 1),
    isConstant: i < 3,
  }));
  const exact = (x: Tensor, first: Tensor, second: Tensor, own: Tensor, last: Tensor) => {
    const points = leaf(x);
    const [teacherPred, pred] = [network(points, first, second), network(points, own, last)];
    return matchInputGradients(points, { pred, teacherPred }, { leadingAxes: 1 });
  };

  test('by double backward are those of finite differences in float64', async () => {
    const [x, first, second, own, last] = inputs.map(({ values, shape }) => tensor(values, shape, cpu));
    const h = 1e-5;
    const gap = (points: Tensor) =>
      sub(network(points, first!, second!), network(points, own!, last!)).data();
    const wanted = [0, 0];
    for (let k = 0; k < INPUTS; k++) {
      const along = tensor(
        Float32Array.from({ length: INPUTS }, (_, i) => Number(i === k)),
        [INPUTS],
        cpu,
      );
      const [above, below] = await Promise.all([h, -h].map((by) => gap(add(x!, mul(along, by)))));
      for (let i = 0; i < above!.length; i++)
        wanted[Math.floor((2 * i) / above!.length)]! +=
          ((above![i]! - below![i]!) / (2 * h)) ** 2 / (ROWS * OUTPUTS);
    }
    const got = await exact(x!, first!, second!, own!, last!).data();
    compareValues('loss', got, Float64Array.from(wanted), 1e-8);
  });

  test('gradients by the student’s weights to order 2, GPU = CPU', async () => {
    await checkGrads(exact, inputs);
    await checkBackends(exact, inputs, { tolerance: 2e-5 });
  });

  test.each(both)('along directions within 2 % of exact slopes, on the %s', async (_, open) => {
    const backend = await open();
    const { teacher, student, x } = networks(backend);
    const options = { seed: [3, 4], call: 1, leadingAxes: 1 };
    const probes = probesOf(x, options);
    const got = matchSlopes({ pred: student(probes), teacherPred: teacher(probes) }, options);
    // The same directions, exactly: v · ∇(T - S) of each output.
    const v = normal(x.shape, backend, { seed: [3, 4], call: 1, stream: 'synthetic' });
    const points = leaf(x);
    const gap = sub(teacher(points), student(points));
    const wanted = [0, 0];
    for (let k = 0; k < OUTPUTS; k++) {
      const pick = tensor(
        Float32Array.from({ length: OUTPUTS }, (_, i) => Number(i === k)),
        [OUTPUTS],
        backend,
      );
      const [slope] = grad(sum(mul(gap, pick)), [points]);
      const each = await mean(square(sum(mul(slope!, v), -1)), [1]).data();
      for (const [s, value] of each.entries()) wanted[s]! += value / OUTPUTS;
    }
    for (const [s, value] of (await got.data()).entries())
      expect(Math.abs(value / wanted[s]! - 1)).toBeLessThan(0.02);
  });

  test('along many directions they are the exact ones in expectation', async () => {
    const { teacher, student, x } = networks(cpu);
    const options = { seed: [3, 4], directions: 400, leadingAxes: 1 };
    const probes = probesOf(x, options);
    const got = await matchSlopes({ pred: student(probes), teacherPred: teacher(probes) }, options).data();
    const points = leaf(x);
    const given = { pred: student(points), teacherPred: teacher(points) };
    const wanted = await matchInputGradients(points, given, { leadingAxes: 1 }).data();
    // A squared normal number deviates by √2; outputs of a row share their direction, so 2,000 count.
    for (const [s, value] of got.entries())
      expect(Math.abs(value / wanted[s]! - 1)).toBeLessThan(5 * Math.sqrt(2 / (400 * ROWS)));
  });

  test('along directions: gradients by the student’s weights to order 2', async () => {
    const f = (x: Tensor, first: Tensor, second: Tensor, own: Tensor, last: Tensor) => {
      const probes = probesOf(x, { directions: 2, distance: 0.1, seed: 1, leadingAxes: 1 });
      const [teacherPred, pred] = [network(probes, first, second), network(probes, own, last)];
      return matchSlopes({ pred, teacherPred }, { directions: 2, distance: 0.1, leadingAxes: 1 });
    };
    await checkGrads(f, inputs);
    // Differences of nearby numbers, divided by 0.2.
    await checkBackends(f, inputs, { tolerance: 5e-5 });
  });
});

test('what does not fit is named', () => {
  const { teacher, student, x } = networks(cpu);
  expect(() => perturb(x, { sigma: -1 })).toThrow('perturb: sigma must be a number of at least 0, got -1');
  expect(() => mixUp(zeros([1, 3], cpu))).toThrow('mixUp: x [1, 3] with 0 leading axes');
  expect(() => ascend(x, { teacher, student }, { steps: 0 })).toThrow('ascend: steps must be an integer');
  expect(() => ascend(x, { teacher, student }, { stepSize: 0 })).toThrow('ascend: stepSize must be above 0');
  expect(() => ascend(x, { teacher, student }, { inputPenalty: -1 })).toThrow('ascend: inputPenalty must be');
  expect(() => probesOf(x, { directions: 0 })).toThrow('probesOf: directions must be');
  const y = zeros([5, 1], cpu);
  expect(() => matchSlopes({ pred: y, teacherPred: y })).toThrow(
    'matchSlopes: pred [5, 1] with 1 directions',
  );
  expect(() => matchSlopes({ pred: y, teacherPred: y }, { distance: 0 })).toThrow('distance must be above 0');
  expect(() => matchInputGradients(x, { pred: y, teacherPred: zeros([5, 2], cpu) })).toThrow(
    'matchInputGradients: pred [5, 1] and teacherPred [5, 2]',
  );
});
