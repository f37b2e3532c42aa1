/** Optimisers against plain TypeScript in float64, schedules, and steps that are not finite; on both backends. */
import { describe, expect, test } from 'vitest';
import type { Backend } from '../../../engine/backend.ts';
import { alignedSize } from '../../../engine/optim/flat.ts';
import { grad } from '../../../engine/grad.ts';
import { full } from '../../../engine/ops/fill.ts';
import { add, mul, square, sub } from '../../../engine/ops/pointwise/elementwise.ts';
import { sum } from '../../../engine/ops/reduce/sum.ts';
import { adam, adamW, type Optimizer, type Parameters, rmsProp, sgd } from '../../../engine/optim/optim.ts';
import { constantRate, cosine, stepDecay } from '../../../engine/optim/schedules.ts';
import { ShapeError } from '../../../engine/shape.ts';
import { type Tensor, tensor, tidy, zeros } from '../../../engine/tensor.ts';
import { cpu, gpu } from '../../backends.ts';
import { compareValues, noise } from '../../check.ts';

const both: [string, () => Promise<Backend>, number][] = [
  ['CPU', async () => cpu, 1e-12],
  // Twenty updates of a few float32 operations each, on numbers of about 1. Near its goal a parameter's gradient is a
  // difference that has lost bits, and Adam and RMSProp divide it by its own size: a share of 1e-4 of a rate of 0.05.
  ['GPU', gpu, 2e-5],
];

/** Sizes on both sides of the 64 elements that views are aligned to. */
const shapes = { a: [3], b: [8, 8], c: [5, 13], d: [] };
const sizes = [3, 64, 65, 1];
const STEPS = 20;

/** Σ s (p - t)² / 2 with random s and t: the gradient is s (p - t). */
const scales = sizes.map((size, i) => noise(size, 10 + i).map((u) => 1 + 0.5 * u));
const goals = sizes.map((size, i) => noise(size, 20 + i));
const starts = sizes.map((size, i) => noise(size, 30 + i));

function parametersOn(backend: Backend): Parameters {
  const entries = Object.entries(shapes).map(([name, shape], i) => [
    name,
    tensor(starts[i]!, shape, backend, { requiresGrad: true, label: name }),
  ]);
  return Object.fromEntries(entries) as Parameters;
}

/** Gradients by the engine; `spoil` stands in the loss's way. */
function update(optimizer: Optimizer, spoil = 1): void {
  tidy(() => {
    const parameters = Object.values(optimizer.parameters);
    const parts = parameters.map((p, i) => {
      const [s, t] = [scales, goals].map((numbers) => tensor(numbers[i]!, p.shape, p.backend));
      return sum(mul(s!, square(sub(p, t!))));
    });
    const loss = mul(
      parts.reduce((total, part) => add(total, part)),
      0.5 * spoil,
    );
    optimizer.step(grad(loss, parameters));
  });
}

type Vector = number[];

/** One optimiser in plain TypeScript: p and g of all parameters in one vector, update number n from 0. */
type Reference = (p: Vector, g: Vector, n: number) => void;

function simulate(reference: Reference, maxGradNorm = 0): Vector {
  const flat = (parts: readonly Float32Array[]) => parts.flatMap((part) => [...part]);
  const [p, s, t] = [flat(starts), flat(scales), flat(goals)];
  for (let n = 0; n < STEPS; n++) {
    let g = p.map((value, i) => s[i]! * (value - t[i]!));
    const norm = Math.hypot(...g);
    if (maxGradNorm > 0) g = g.map((value) => value * Math.min(1, maxGradNorm / (norm + 1e-6)));
    reference(p, g, n);
  }
  return p;
}

function sgdReference(rate: (n: number) => number, momentum: number, decay = 0): Reference {
  const buffer: Vector = [];
  return (p, g, n) => {
    for (const [i, value] of p.entries()) {
      buffer[i] = momentum * (buffer[i] ?? 0) + g[i]! + decay * value;
      p[i] = value - rate(n) * buffer[i]!;
    }
  };
}

function adamReference(
  rate: (n: number) => number,
  { decay = 0, isDecoupled = false, beta1 = 0.9, beta2 = 0.999 } = {},
): Reference {
  const [m, v]: [Vector, Vector] = [[], []];
  return (p, g, n) => {
    for (const i of p.keys()) {
      if (isDecoupled) p[i]! *= 1 - rate(n) * decay;
      const gradient = g[i]! + (isDecoupled ? 0 : decay * p[i]!);
      m[i] = beta1 * (m[i] ?? 0) + (1 - beta1) * gradient;
      v[i] = beta2 * (v[i] ?? 0) + (1 - beta2) * gradient ** 2;
      const [unbiasedM, unbiasedV] = [m[i]! / (1 - beta1 ** (n + 1)), v[i]! / (1 - beta2 ** (n + 1))];
      p[i]! -= (rate(n) * unbiasedM) / (Math.sqrt(unbiasedV) + 1e-8);
    }
  };
}

function rmsPropReference(rate: number, alpha: number, decay = 0): Reference {
  const v: Vector = [];
  return (p, g) => {
    for (const i of p.keys()) {
      const gradient = g[i]! + decay * p[i]!;
      v[i] = alpha * (v[i] ?? 0) + (1 - alpha) * gradient ** 2;
      p[i]! -= (rate * gradient) / (Math.sqrt(v[i]!) + 1e-8);
    }
  };
}

const rate = (value: number) => () => value;
const warm = cosine(0.05, { updates: 20, warmUp: 4 });
const optimizers: [string, (p: Parameters) => Optimizer, () => Reference, number?][] = [
  ['sgd', (p) => sgd(p, { learningRate: 0.1 }), () => sgdReference(rate(0.1), 0)],
  [
    'sgd with momentum and decay',
    (p) => sgd(p, { learningRate: 0.05, momentum: 0.9, weightDecay: 0.1 }),
    () => sgdReference(rate(0.05), 0.9, 0.1),
  ],
  [
    'sgd with a schedule',
    (p) => sgd(p, { learningRate: warm, momentum: 0.5 }),
    () => sgdReference(warm, 0.5),
  ],
  ['sgd, clipped', (p) => sgd(p, { learningRate: 0.1, maxGradNorm: 2 }), () => sgdReference(rate(0.1), 0), 2],
  ['rmsProp', (p) => rmsProp(p, { learningRate: 0.01 }), () => rmsPropReference(0.01, 0.99)],
  [
    'rmsProp with decay',
    (p) => rmsProp(p, { learningRate: 0.02, alpha: 0.9, weightDecay: 0.05 }),
    () => rmsPropReference(0.02, 0.9, 0.05),
  ],
  ['adam', (p) => adam(p), () => adamReference(rate(1e-3))],
  [
    'adam with decay',
    (p) => adam(p, { learningRate: 0.02, weightDecay: 0.1, beta1: 0.8, beta2: 0.95 }),
    () => adamReference(rate(0.02), { decay: 0.1, beta1: 0.8, beta2: 0.95 }),
  ],
  [
    'adam with a schedule, clipped',
    (p) => adam(p, { learningRate: warm, maxGradNorm: 0.5 }),
    () => adamReference(warm),
    0.5,
  ],
  [
    'adamW',
    (p) => adamW(p, { learningRate: 0.02 }),
    () => adamReference(rate(0.02), { decay: 0.01, isDecoupled: true }),
  ],
  [
    'adamW with decay',
    (p) => adamW(p, { learningRate: 0.02, weightDecay: 0.5 }),
    () => adamReference(rate(0.02), { decay: 0.5, isDecoupled: true }),
  ],
];

describe.each(both)('on the %s', (_, open, tolerance) => {
  test.each(optimizers)('%s: 20 updates of a quadratic', async (name, make, reference, maxGradNorm) => {
    const backend = await open();
    const optimizer = make(parametersOn(backend));
    for (let n = 0; n < STEPS; n++) update(optimizer);
    const wanted = simulate(reference(), maxGradNorm);
    let from = 0;
    for (const [i, p] of Object.values(optimizer.parameters).entries()) {
      const values = Float64Array.from(wanted.slice(from, from + sizes[i]!));
      compareValues(`${name}.${p.label}`, await p.data(), values, tolerance);
      from += sizes[i]!;
    }
    expect(optimizer.updates).toBe(STEPS);
    expect(await optimizer.firstSkippedStep()).toBe(0);
    optimizer.dispose();
  });

  test('the parameters stay the same tensors, as views of one buffer, with zeros between them', async () => {
    const backend = await open();
    const parameters = parametersOn(backend);
    const optimizer = adam(parameters);
    expect(optimizer.parameters).toBe(parameters);
    const { parameters: flat } = optimizer.state;
    let start = 0;
    for (const [i, p] of Object.values(parameters).entries()) {
      expect(p.storage).toBe(flat!.storage);
      expect(p.offset).toBe(start);
      expect(await p.data()).toEqual(backend.kind === 'gpu' ? starts[i] : Float64Array.from(starts[i]!));
      start += alignedSize(p.size);
    }
    for (let n = 0; n < 3; n++) update(optimizer);
    const all = await flat!.data();
    for (const i of [3, 63, 193, 255]) expect(all[i], `padding at ${i}`).toBe(0);
    // Another optimiser may have them, too, where they lie; and they outlive both.
    const values = await parameters.c!.data();
    const second = sgd(parameters);
    expect(parameters.c!.storage).toBe(flat!.storage);
    optimizer.dispose();
    expect(await parameters.c!.data()).toEqual(values);
    second.dispose();
    // These would take their memory, were it free.
    for (let i = 0; i < 10; i++) full([start], 9, backend);
    expect(await parameters.c!.data()).toEqual(values);
  });

  test.each([NaN, Infinity, 1e30])(
    'a gradient of %f: the update is skipped and its step named, later steps are frozen',
    async (bad) => {
      const backend = await open();
      if (bad === 1e30 && backend.kind === 'cpu') return; // the square of 1e30 is no float32, but a float64
      for (const make of [(p: Parameters) => sgd(p, { momentum: 0.9 }), adam, adamW, rmsProp]) {
        backend.step.reset();
        const optimizer = make(parametersOn(backend));
        for (let n = 0; n < 3; n++) update(optimizer);
        const { latch, ...numbers } = optimizer.state;
        const read = () => Promise.all(Object.values(numbers).map((x) => x.data()));
        const before = await read();
        expect(await optimizer.firstSkippedStep()).toBe(0);
        update(optimizer, bad); // step 4
        update(optimizer);
        update(optimizer, bad);
        expect(await optimizer.firstSkippedStep()).toBe(4);
        const after = await read();
        expect(after).toEqual(before);
        expect(await latch!.item()).toBe(4);
        expect(after[0]!.every((value) => Number.isFinite(value))).toBe(true);
        optimizer.dispose();
      }
    },
  );

  test('one spoiled element of one gradient is enough', async () => {
    const backend = await open();
    const p = { p: tensor([1, 2, 3], [3], backend, { requiresGrad: true }) };
    for (const value of [NaN, -Infinity]) {
      const optimizer = sgd(p);
      optimizer.step([tensor([0, value, 0], [3], backend)]);
      expect(await optimizer.firstSkippedStep()).toBe(backend.step.number);
      expect([...(await p.p.data())]).toEqual([1, 2, 3]);
      optimizer.dispose();
    }
  });

  test('a training loop that begins its steps, and two optimisers in one step', async () => {
    const backend = await open();
    const one = sgd({ a: tensor([0], [1], backend) }, { learningRate: (n) => n });
    const two = sgd({ b: tensor([0], [1], backend) }, { learningRate: (n) => 10 * n });
    const g = [tensor([-1], [1], backend)];
    for (let n = 0; n < 4; n++) {
      backend.step.begin();
      one.step(g);
      two.step(g);
    }
    expect(await one.parameters.a!.item()).toBe(0 + 1 + 2 + 3);
    expect(await two.parameters.b!.item()).toBe(60);
    expect([one.updates, two.updates]).toEqual([4, 4]);
    // Resumed: schedules and corrections go on from there.
    one.updates = 10;
    one.step(g);
    expect(await one.parameters.a!.item()).toBe(6 + 10);
    one.dispose();
    two.dispose();
  });
});

test('a moment never becomes subnormal', async () => {
  const backend = await gpu();
  const optimizer = adam({ p: tensor([1], [1], backend) });
  optimizer.step([tensor([1e-20], [1], backend)]);
  const { firstMoment, secondMoment } = optimizer.state;
  expect((await firstMoment!.data())[0]).toBeCloseTo(1e-21, 24);
  expect((await secondMoment!.data())[0]).toBe(0);
  optimizer.dispose();
});

test('schedules', () => {
  expect([0, 99].map(constantRate(0.1))).toEqual([0.1, 0.1]);
  expect([0, 9, 10, 25].map(stepDecay(1, { every: 10, factor: 0.5 }))).toEqual([1, 1, 0.5, 0.25]);
  const schedule = cosine(2, { updates: 12, warmUp: 4, final: 0.1 });
  expect([0, 1, 3, 4].map(schedule)).toEqual([0.5, 1, 2, 2]);
  expect(schedule(8)).toBeCloseTo(2 * (0.1 + 0.9 / 2), 12);
  expect([12, 13, 1000].map(schedule)).toEqual([0.2, 0.2, 0.2]);
  expect(() => constantRate(-1)).toThrow('constantRate: the learning rate must be at least 0, got -1');
  expect(() => stepDecay(1, { every: 0 })).toThrow('stepDecay: every must be a positive integer, got 0');
  expect(() => cosine(NaN, { updates: 3 })).toThrow('cosine: the learning rate must be at least 0, got NaN');
  expect(() => cosine(1, { updates: 3, warmUp: 3 })).toThrow('cosine: 3 updates with 3 of warm-up');
});

test('bad arguments', () => {
  const p: Record<string, Tensor> = { w: zeros([2, 3], cpu) };
  expect(() => sgd({})).toThrow('sgd: no tensors; wants named ones such as model.parameters');
  expect(() => adam(p, { eps: -1 })).toThrow('adam: eps must be at least 8.4e-22');
  expect(() => adam(p, { learningRate: NaN })).toThrow('the learning rate must be at least 0, got NaN');
  const optimizer = sgd(p);
  expect(() => optimizer.step([])).toThrow('sgd: 0 gradients for 1 parameters');
  expect(() => optimizer.step([zeros([3, 2], cpu)])).toThrow(ShapeError);
  expect(() => optimizer.step([zeros([3, 2], cpu)])).toThrow("sgd: gradient [3, 2] for 'w' [2, 3]");
  optimizer.dispose();
});
