/** Optimisers where float32 is short of digits: factors near 1, a tiny eps, gradients whose squares vanish; and weights that are not finite. */
import { describe, expect, test } from 'vitest';
import type { Backend } from '../../../engine/backend.ts';
import { loadCheckpoint, saveCheckpoint } from '../../../engine/files/checkpoint.ts';
import { biasCorrection, momentumSum, movingAverage } from '../../../engine/optim/moving-average.ts';
import { adam, adamW, type Optimizer, type Parameters, rmsProp, sgd } from '../../../engine/optim/optim.ts';
import { type Tensor, tensor, zeros } from '../../../engine/tensor.ts';
import { cpu, gpu } from '../../backends.ts';

const both: [string, () => Promise<Backend>, number][] = [
  ['CPU', async () => cpu, 1e-9],
  // Fifty updates, added up in float32.
  ['GPU', gpu, 1e-5],
];

interface Options {
  beta1?: number;
  beta2?: number;
  alpha?: number;
  momentum?: number;
  eps?: number;
  weightDecay?: number;
  learningRate: number;
}

/** The papers in float64: the way from 0 that gradients lead to. */
function adamWay(gradients: readonly number[], options: Options, isDecoupled = false, start = 0): number {
  const { beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weightDecay = 0, learningRate } = options;
  let [p, m, v] = [start, 0, 0];
  for (const [n, given] of gradients.entries()) {
    if (isDecoupled) p -= learningRate * weightDecay * p;
    const g = given + (isDecoupled ? 0 : weightDecay * p);
    m += (1 - beta1) * (g - m);
    v += (1 - beta2) * (g * g - v);
    const correct = (beta: number) => -Math.expm1((n + 1) * Math.log1p(beta - 1));
    p -= (learningRate * (m / correct(beta1))) / (Math.sqrt(v / correct(beta2)) + eps);
  }
  return p;
}

function rmsPropWay(
  gradients: readonly number[],
  { alpha = 0.99, eps = 1e-8, learningRate }: Options,
): number {
  let [p, v] = [0, 0];
  for (const g of gradients) {
    v += (1 - alpha) * (g * g - v);
    p -= (learningRate * g) / (Math.sqrt(v) + eps);
  }
  return p;
}

function sgdWay(gradients: readonly number[], { momentum = 0, learningRate }: Options): number {
  let [p, m] = [0, 0];
  for (const g of gradients) {
    m = momentum * m + g;
    p -= learningRate * m;
  }
  return p;
}

const gradientsOf = (size: number, steps = 50) =>
  Array.from({ length: steps }, (_, t) => Math.fround(size * (0.3 + 0.2 * Math.sin(t + 1))));

type Make = (p: Parameters, options: Options) => Optimizer;
type Way = (gradients: readonly number[], options: Options) => number;
const kinds: Record<string, [Make, Way]> = {
  adam: [adam, adamWay],
  adamW: [adamW, (gradients, options) => adamWay(gradients, { weightDecay: 0.01, ...options }, true)],
  rmsProp: [rmsProp, rmsPropWay],
  sgd: [sgd, sgdWay],
};

const cases: [string, Omit<Options, 'learningRate'>, number?, number?][] = [
  ...[0, 1e-9, 0.4, 0.6, 0.9999, 0.99999, 0.999999, 0.9999999, 0.99999999, 1 - 2 ** -40].flatMap(
    (share): [string, Omit<Options, 'learningRate'>][] => [
      ['adam', { beta2: share }],
      ['adam', { beta1: share }],
      ['adamW', { beta1: share, beta2: share }],
      ['rmsProp', { alpha: share }],
      ['sgd', { momentum: share }],
    ],
  ),
  ['sgd', { momentum: 1 }],
  ['sgd', { momentum: 1.00000001 }],
  // eps, and gradients as small.
  ...[1e-10, 1e-12, 1e-16, 1e-20, 1e-21].flatMap((eps): [string, Omit<Options, 'learningRate'>, number][] =>
    [0.01, 1, 100, 1e4].flatMap((times): [string, Omit<Options, 'learningRate'>, number][] => [
      ['adam', { eps }, eps * times],
      ['adamW', { eps }, eps * times],
      ['rmsProp', { eps }, eps * times],
    ]),
  ),
  ['adam', { beta2: 0.9999999 }, 1e-9],
  ['rmsProp', { alpha: 0.9999999 }, 1e-9],
  ['adam', { eps: 1e-16 }, 1e9],
];

describe.each(both)('on the %s', (_, open, tolerance) => {
  test('50 updates as in float64, with factors near 1 and with a tiny eps', async () => {
    const backend = await open();
    for (const [name, options, size = 1] of cases) {
      const [make, way] = kinds[name]!;
      const gradients = gradientsOf(size);
      const p = tensor([0], [1], backend);
      const given = { learningRate: 0.1, ...options };
      const optimizer = make({ p }, given);
      for (const g of gradients) optimizer.step([tensor([g], [1], backend)]);
      const wanted = way(gradients, given);
      const text = `${name} ${JSON.stringify(options)}, gradients of ${size}`;
      expect(await optimizer.firstSkippedStep(), text).toBe(0);
      // Squares below 2^-100 are lost: up to 2^-15 of eps.
      const allowed = size < 1e-8 ? 5e-5 : tolerance;
      expect(Math.abs((await p.item()) / wanted - 1), text).toBeLessThan(allowed);
      optimizer.dispose();
    }
  });

  test('averages stay where they belong: the second moment of equal gradients is their square', async () => {
    const backend = await open();
    for (const alpha of [0.9, 0.999, 0.99999, 0.9999999]) {
      const optimizer = rmsProp({ p: tensor([0], [1], backend) }, { alpha, eps: 1e-4 });
      const { secondMoment } = optimizer.state;
      backend.upload(
        secondMoment!.binding,
        Float32Array.from({ length: 64 }, () => 2),
        'f32',
      );
      for (let n = 0; n < 300; n++) optimizer.step([tensor([Math.SQRT2], [1], backend)]);
      expect((await secondMoment!.data())[0]! / 2 - 1, `alpha ${alpha}`).toBeCloseTo(0, 6);
      optimizer.dispose();
    }
  });

  test.each([NaN, Infinity, -Infinity])(
    'a weight or moment of %f stays, and from the next step on nothing moves',
    async (bad) => {
      const backend = await open();
      for (const make of [(p: Parameters) => sgd(p, { momentum: 0.9 }), adam, adamW, rmsProp] as const) {
        const names = ['parameters', 'firstMoment', 'secondMoment'];
        for (const name of names) {
          backend.step.reset();
          const parameters = { a: tensor([1, 2, 3], [3], backend), b: zeros([70], backend) };
          const optimizer = make(parameters);
          const gradients = () => [zeros([3], backend), tensor(Array(70).fill(0.5), [70], backend)];
          optimizer.step(gradients());
          const spoilt = optimizer.state[name];
          if (!spoilt) continue;
          const values = Float32Array.from(await spoilt.data());
          values[100] = bad;
          backend.upload(spoilt.binding, values, 'f32');
          const read = () => Promise.all(Object.values(optimizer.state).map((x) => x.data()));
          const before = await read();
          optimizer.step(gradients());
          const met = await read();
          for (let n = 0; n < 2; n++) optimizer.step(gradients());
          expect(await optimizer.firstSkippedStep(), `${optimizer.name}: ${name}`).toBe(2);
          expect(await read(), 'frozen').toEqual(met);
          // The number is one of b, 64 and on. It stays with all of its own, and its neighbours in a vec4 move.
          for (const k of met.keys()) {
            if (k === met.length - 1) continue;
            expect(met[k]![100]).toBe(before[k]![100]);
            expect(met[k]![101]).not.toBe(before[k]![101]);
          }
          optimizer.dispose();
        }
      }
    },
  );

  test('of many models only the one with a weight or moment that is not finite stands still', async () => {
    const backend = await open();
    for (const name of ['parameters', 'firstMoment', 'secondMoment']) {
      backend.step.reset();
      const p = tensor([1, 2, 3, 4, 5, 6], [3, 2], backend);
      const optimizer = adam({ p }, { learningRate: 0.5, seeds: 3 });
      const state = optimizer.state[name]!;
      const values = Float32Array.from(await state.data());
      values[name === 'parameters' ? 3 : 64 + 1] = NaN;
      backend.upload(state.binding, values, 'f32');
      for (let n = 0; n < 2; n++) optimizer.step([tensor([1, 1, 1, 1, 1, 1], [3, 2], backend)]);
      expect(await optimizer.firstSkippedSteps()).toEqual([0, 1, 0]);
      const second = name === 'parameters' ? [3, NaN] : [3, 4];
      const came = [...(await p.data())].map((value) => Math.round(value));
      expect(came).toEqual([0, 1, ...second, 4, 5]);
      optimizer.dispose();
    }
  });
});

test('of AdamW, decay is subtracted: 1 - rate · decay is never rounded', async () => {
  const backend = await gpu();
  const start = [0.7, 1.1, 1.9, 3.3, 5, 1e4, -7.7].map(Math.fround);
  const p = tensor(start, [7], backend);
  const optimizer = adamW({ p }, { learningRate: 1e-3, weightDecay: 3e-3 });
  const factor = Math.fround(Math.fround(1e-3) * Math.fround(3e-3));
  const wanted = start.slice();
  for (let n = 0; n < 200; n++) {
    optimizer.step([zeros([7], backend)]);
    for (const [i, value] of wanted.entries()) wanted[i] = Math.fround(value - Math.fround(factor * value));
  }
  expect([...(await p.data())]).toEqual(wanted);
  optimizer.dispose();
});

test('the factors of averages, in float64', () => {
  for (const beta of [0, 1e-20, 0.3, 0.5, 0.7, 0.999, 1 - 1e-12]) {
    const { keep, drop, share } = movingAverage(beta);
    expect(keep - share * drop).toBe(beta);
    expect(share).toBe(1 - beta);
  }
  expect(momentumSum(0.9)).toEqual({ keep: 0.9, drop: 0, share: 1, gain: 1 });
  expect(momentumSum(1)).toEqual({ keep: 1, drop: 0, share: 1, gain: 1 });
  const { keep, drop, share, gain } = momentumSum(0.999);
  expect(keep - share * drop).toBe(0.999);
  expect(share * gain).toBeCloseTo(1, 15);
  expect(biasCorrection(0, 5)).toBe(1);
  expect(biasCorrection(0.9, 3)).toBeCloseTo(1 - 0.9 ** 3, 15);
  // 1 - β^t for 1 - β = 2^-50: t terms of a binomial series, of which the first is all of it.
  expect(biasCorrection(1 - 2 ** -50, 7) / (7 * 2 ** -50)).toBeCloseTo(1, 12);
});

test('a state with squares that are scaled does not fit an optimiser that scales them otherwise', async () => {
  const make = (eps: number) => {
    const parameters = { p: tensor([1], [1], cpu) };
    return { parameters, optimizer: adam(parameters, { eps }), step: cpu.step };
  };
  const saved = await saveCheckpoint(make(1e-16));
  expect(() => loadCheckpoint(make(1e-16), saved)).not.toThrow();
  expect(() => loadCheckpoint(make(1e-8), saved)).toThrow("'optimizer.secondMoment' [64] is missing");
});

test('a tiny eps has a lower norm that counts as not finite, and nothing is lost below it', async () => {
  const backend = await gpu();
  const optimizer = adam({ p: zeros([1], backend) }, { eps: 1e-16, learningRate: 1 });
  optimizer.step([tensor([1e12], [1], backend)]); // below 2^64 / 2^24 = 1.1e12
  expect(await optimizer.firstSkippedStep()).toBe(0);
  expect(await optimizer.parameters.p!.item()).toBeCloseTo(-1, 5);
  optimizer.step([tensor([1.2e12], [1], backend)]);
  expect(await optimizer.firstSkippedStep()).toBe(backend.step.number);
  optimizer.dispose();
});

test('what optimisers refuse', () => {
  const p = () => ({ w: zeros([2, 3], cpu) }) as Record<string, Tensor>;
  for (const make of [adam, adamW, rmsProp] as const) {
    for (const eps of [0, -1, 1e-30, NaN])
      expect(() => make(p(), { eps })).toThrow(/: eps must be at least [28]\.\d*e-22, below which .*, got /);
    expect(() => make(p(), { eps: 1e39 })).toThrow(
      'eps must be at least 0, and finite in float32, got 1e+39',
    );
  }
  expect(() => adam(p(), { beta2: 1 })).toThrow('adam: beta2 must lie in [0, 1), got 1');
  expect(() => rmsProp(p(), { alpha: 1 })).toThrow('rmsProp: alpha must lie in [0, 1), got 1');
  for (const make of [sgd, adam, adamW, rmsProp]) {
    const misspelt = { learningrate: 1 } as object;
    expect(() => make(p(), misspelt)).toThrow(/: unknown option 'learningrate'; it has .*learningRate/);
    const text = { learningRate: '0.1' } as object;
    expect(() => make(p(), text)).toThrow(': learningRate must be a number or a schedule, got 0.1');
    expect(() => make(p(), { weightDecay: -1 })).toThrow('weightDecay must be at least 0');
    const model = { forward: () => 0, parameters: p() } as unknown as Parameters;
    expect(() => make(model)).toThrow(
      "'forward' is a function forward, not a tensor; of a model, pass model.parameters",
    );
  }
});
