/** Pointwise ops at their kinks and edges, which the cases keep away from: values and gradients on both backends. */
import { describe, expect, test } from 'vitest';
import { grad } from '../../../engine/grad.ts';
import {
  elu,
  hardSigmoid,
  hardSwish,
  leakyRelu,
  prelu,
  relu,
} from '../../../engine/ops/pointwise/activations.ts';
import {
  abs,
  add,
  ceil,
  clamp,
  floor,
  mul,
  notEqual,
  pow,
  round,
  square,
  where,
} from '../../../engine/ops/pointwise/elementwise.ts';
import { definePointwise } from '../../../engine/ops/pointwise/pointwise.ts';
import { sum } from '../../../engine/ops/reduce/sum.ts';
import { ShapeError } from '../../../engine/shape.ts';
import { type Tensor, tensor } from '../../../engine/tensor.ts';
import { cpu, gpu } from '../../backends.ts';
import { checkBackends, checkGrads } from '../../check.ts';

type Values = readonly number[];

describe.each(['cpu', 'gpu'] as const)('on the %s', (kind) => {
  const made = async (values: Values) =>
    tensor(values, [values.length], kind === 'cpu' ? cpu : await gpu(), { requiresGrad: true });
  // Without the sign of zero, which drivers may drop.
  const plain = async (x: Tensor) => Array.from(await x.data(), (value) => value + 0);

  test.each<[string, (x: Tensor) => Tensor, Values, Values, Values]>([
    // op, arguments, values, gradients
    ['floor', floor, [-1.5, -0.5, 2, 2.9], [-2, -1, 2, 2], [0, 0, 0, 0]],
    ['ceil', ceil, [-1.5, -0.5, 2, 2.1], [-1, 0, 2, 3], [0, 0, 0, 0]],
    ['round', round, [-2.5, -1.5, -0.5, 0.5, 1.5, 2.4999], [-2, -2, 0, 0, 2, 2], [0, 0, 0, 0, 0, 0]],
    ['abs', abs, [-2, 0, 3], [2, 0, 3], [-1, 0, 1]],
    ['relu', relu, [-2, 0, 3], [0, 0, 3], [0, 0, 1]],
    ['leakyRelu', (x) => leakyRelu(x, 0.5), [-2, 0, 3], [-1, 0, 3], [0.5, 0.5, 1]],
    ['elu', (x) => elu(x, 2), [0, 3], [0, 3], [2, 1]],
    ['clamp', (x) => clamp(x, -1, 2), [-3, -1, 0, 2, 5], [-1, -1, 0, 2, 2], [0, 1, 1, 1, 0]],
    ['clamp, bounds crossed', (x) => clamp(x, 2, 1), [0, 1.5, 5], [1, 1, 1], [0, 0, 0]],
    ['clamp from below', (x) => clamp(x, 0, Infinity), [-3, 7], [0, 7], [0, 1]],
    ['hardSigmoid', (x) => hardSigmoid(x, { alpha: 0.25 }), [-2, 0, 2], [0, 0.5, 1], [0, 0.25, 0]],
    ['hardSwish', hardSwish, [-3, 0, 3], [0, 0, 3], [0, 0.5, 1]],
    ['pow to 0', (x) => pow(x, 0), [-2, 0, 3], [1, 1, 1], [0, 0, 0]],
    ['pow to 1', (x) => pow(x, 1), [-2, 0, 3], [-2, 0, 3], [1, 1, 1]],
    ['pow to 2', (x) => pow(x, 2), [-2, 0, 3], [4, 0, 9], [-4, 0, 6]],
  ])('%s', async (_, f, given, values, gradients) => {
    const x = await made(given);
    const y = f(x);
    expect(await plain(y)).toEqual(values);
    expect(await plain(grad(sum(y), [x])[0]!)).toEqual(gradients);
  });

  test('bounds, slopes and exponents are differentiated too', async () => {
    const [x, low, high] = await Promise.all([
      made([-3, 0, 5, 5]),
      made([-1, -1, -1, 3]),
      made([2, 2, 2, 1]),
    ]);
    const bounds = grad(sum(clamp(x, low, high)), [low, high]);
    expect(await Promise.all(bounds.map(plain))).toEqual([
      [1, 0, 0, 0],
      [0, 0, 1, 1],
    ]);
    const slope = await made([0.5]);
    expect(await plain(grad(sum(prelu(x, slope)), [slope])[0]!)).toEqual([-3]);
    // Where the base is not positive there is none.
    const [base, exponent] = await Promise.all([made([-2, 0, 1]), made([2, 2, 2])]);
    expect(await plain(grad(sum(pow(base, exponent)), [exponent])[0]!)).toEqual([0, 0, 0]);
  });

  test('a condition from a comparison', async () => {
    const x = await made([1, 0, 2]);
    expect(await plain(where(notEqual(x, 0), x, -1))).toEqual([1, -1, 2]);
  });
});

test('shapes that do not fit are named', () => {
  const [x, y] = [tensor([1, 2], [2], cpu), tensor([1, 2, 3], [3], cpu)];
  for (const f of [() => prelu(x, y), () => clamp(x, y, 1), () => pow(x, y)]) expect(f).toThrow(ShapeError);
  expect(() => prelu(x, y)).toThrow('leakyRelu: shapes do not broadcast, [2] and [3]');
  expect(() => clamp(x, 0, y)).toThrow('clamp: shapes do not broadcast');
  expect(() => add(1, 2)).toThrow('add: two numbers and no tensor; use JavaScript arithmetic');
});

describe('definePointwise', () => {
  const cube = definePointwise({
    name: 'cube',
    parameters: ['x'],
    wgsl: 'x * x * x',
    js: (x) => x ** 3,
    gradients: [(g, x) => mul(g, mul(3, square(x)))],
  });
  const scaledExp = definePointwise({
    name: 'scaled-exp',
    parameters: ['x', 'rate'],
    wgsl: 'exp_(x * rate)',
    js: (x, rate) => Math.exp(x * rate),
    gradients: [(g, _, rate, y) => mul(g, mul(rate, y)), (g, x, _, y) => mul(g, mul(x, y))],
  });

  test('an op with gradients of every order, on both backends, with broadcasting', async () => {
    await checkGrads(cube, [[4, 3]]);
    await checkBackends(cube, [[4, 3]], { tolerance: 1e-5 }); // up to 12 times the value, twice
    await checkGrads(scaledExp, [[4, 3], [3]]);
    await checkBackends(scaledExp, [[4, 3], [3]], { tolerance: 1e-5 }); // x · rate is rounded before exp
    await checkBackends((x) => scaledExp(x, 0.5), [[5]]);
  });

  test('two of one name are two', async () => {
    const one = definePointwise({ name: 'f', parameters: ['x'], wgsl: 'x + 1.0', js: (x) => x + 1 });
    const two = definePointwise({ name: 'f', parameters: ['x'], wgsl: 'x + 2.0', js: (x) => x + 2 });
    const x = tensor([1], [1], await gpu());
    expect([await one(x).item(), await two(x).item()]).toEqual([2, 3]);
  });

  test('a wrong gradient is found, and wrong counts are named', async () => {
    const wrong = definePointwise({
      name: 'wrong',
      parameters: ['x'],
      wgsl: 'x * x',
      js: (x) => x * x,
      gradients: [(g, x) => mul(g, x)],
    });
    await expect(checkGrads(wrong, [[3]])).rejects.toThrow('order 1');
    expect(() => cube()).toThrow('cube: wants x, got 0 operands');
    expect(() => cube(2)).toThrow('cube: a number and no tensor');
    const none = { name: 'none', parameters: [], wgsl: '1.0', js: () => 1 };
    expect(() => definePointwise(none)).toThrow('none: 0 parameters; wants one to three');
  });
});
