/** Philox and what is made of it: known answers, the same numbers on host and GPU, moments, permutations. */
import { describe, expect, test } from 'vitest';
import { defineKernel, type Floats } from '../../../kernels/kernel.ts';
import { type Counter, type Key, keyOf, philox, philoxSource } from '../../../kernels/random/philox.ts';
import {
  drawUniforms,
  dropoutMask,
  randomNormal,
  randomUniform,
  streams,
  valuesPerLane,
} from '../../../kernels/random/random.ts';
import { permutationHost, uniformHost } from '../../../kernels/random/random-host.ts';
import { wgsl } from '../../../kernels/wgsl.ts';
import type { Backend } from '../../../engine/backend.ts';
import { augment } from '../../../engine/data/augment.ts';
import { capture } from '../../../engine/capture.ts';
import { checkGrads } from '../../../engine/check/check.ts';
import { add, mul } from '../../../engine/ops/pointwise/elementwise.ts';
import { reshape } from '../../../engine/ops/movement/movement.ts';
import { concat } from '../../../engine/ops/movement/concat.ts';
import { dropout, normal, uniform } from '../../../engine/random.ts';
import { full, ones } from '../../../engine/ops/fill.ts';
import type { Tensor } from '../../../engine/tensor.ts';
import { latent } from '../../../losses/matching/generator.ts';
import { mixUp, perturb } from '../../../losses/matching/perturb.ts';
import { probesOf } from '../../../losses/matching/slopes.ts';
import { mlp } from '../../../models/mlp.ts';
import { cpu, gpu } from '../../backends.ts';
import { runKernel } from '../../evaluate.ts';

// Random123, tests/kat_vectors, philox4x32-10
const knownAnswers: [string, Counter, Key, number[]][] = [
  ['zeros', [0, 0, 0, 0], [0, 0], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]],
  [
    'ones',
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    'digits of pi',
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
];

test.each(knownAnswers)('known answer: %s', (_, counter, key, wanted) => {
  expect(philox(counter, key)).toEqual(wanted);
});

test('Philox in WGSL gives the same integers', async () => {
  const code = wgsl`
${philoxSource}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) gid: vec3u) {
  if (gid.x >= arrayLength(&arguments) / 6u) { return; }
  let at = gid.x * 6u;
  let counter = vec4u(arguments[at], arguments[at + 1u], arguments[at + 2u], arguments[at + 3u]);
  let four = philox4x32(counter, vec2u(arguments[at + 4u], arguments[at + 5u]));
  for (var j = 0u; j < 4u; j++) { words[gid.x * 4u + j] = four[j]; }
}
`;
  const kernel = defineKernel({
    name: 'philox',
    inputs: { arguments: 'u32' },
    outputs: { words: 'u32' },
    code,
  });
  const draws: (readonly [Counter, Key])[] = knownAnswers.map(([, counter, key]) => [counter, key]);
  for (let i = 0; i < 4096; i++) {
    const [a, b, c, d] = philox([i, 0, 0, 0], [7, 0]);
    draws.push([
      [a, b, c, d],
      [b ^ i, c],
    ]);
  }
  const { words } = await runKernel(kernel, {
    inputs: { arguments: Uint32Array.from(draws.flat(2)) },
    outputs: { words: draws.length * 4 },
    workgroups: Math.ceil(draws.length / 64),
  });
  const wanted = Uint32Array.from(draws.flatMap(([counter, key]) => philox(counter, [key[0] >>> 0, key[1]])));
  expect(new Uint32Array(words.buffer)).toEqual(wanted);
});

const SIZE = 100_003;
const seed = 2 ** 40 + 12345;
const workgroups = Math.ceil(SIZE / valuesPerLane / 64);

/** What the CPU reference of a kernel writes. */
function referenceOf(kernel: typeof randomUniform, uniforms: object, number: number): Floats {
  const y = new Float64Array(SIZE);
  const step = { number, values: [] };
  kernel.reference!({} as never, uniforms as never, { y }, step);
  return y;
}

describe('uniform', () => {
  const uniforms = drawUniforms(SIZE, { seed, stream: streams.synthetic, call: 3 });

  test('kernel, host and reference agree bit for bit', async () => {
    const { y } = await runKernel(randomUniform, {
      uniforms,
      outputs: { y: SIZE },
      stepNumber: 17,
      workgroups,
    });
    expect(y).toEqual(uniformHost(SIZE, { seed, stream: streams.synthetic, step: 17, call: 3 }));
    expect(y).toEqual(Float32Array.from(referenceOf(randomUniform, uniforms, 17)));
  });

  test('moments and range', () => {
    const y = uniformHost(SIZE, { seed, stream: streams.data });
    expect(Math.min(...y.slice(0, 10_000))).toBeGreaterThanOrEqual(0);
    expect(Math.max(...y.slice(0, 10_000))).toBeLessThan(1);
    // five standard deviations of a mean of SIZE
    expect(Math.abs(mean(y) - 1 / 2)).toBeLessThan(5 * Math.sqrt(1 / 12 / SIZE));
    expect(Math.abs(mean(y.map((v) => v * v)) - 1 / 3)).toBeLessThan(5 * Math.sqrt(4 / 45 / SIZE));
  });

  test('seed, stream, step and call each change everything; a prefix stays', () => {
    const base = { seed, stream: streams.noise, step: 1, call: 1 };
    const y = uniformHost(64, base);
    expect(uniformHost(7, base)).toEqual(y.slice(0, 7));
    for (const other of [
      { seed: seed + 1 },
      { seed: seed + 2 ** 32 },
      { stream: 4 },
      { step: 2 },
      { call: 2 },
    ]) {
      const equal = uniformHost(64, { ...base, ...other }).filter((v, i) => v === y[i]);
      expect(equal.length).toBe(0);
    }
  });
});

describe('normal', () => {
  const uniforms = drawUniforms(SIZE, { seed, stream: streams.noise });

  test('kernel and reference agree, and the moments are a normal distribution’s', async () => {
    const { y } = await runKernel(randomNormal, {
      uniforms,
      outputs: { y: SIZE },
      stepNumber: 5,
      workgroups,
    });
    const wanted = referenceOf(randomNormal, uniforms, 5);
    // The angle, up to 2π, is rounded before its sine is taken: 2^-22.3 times a radius of at most 5.8.
    const worst = wanted.reduce((most, v, i) => Math.max(most, Math.abs(v - y[i]!)), 0);
    expect(worst).toBeLessThan(2e-6);
    // E z^k = 0, 1, 0, 3; the variance of z^k is E z^2k - (E z^k)²: 1, 2, 15, 96.
    for (const [k, moment, variance] of [
      [1, 0, 1],
      [2, 1, 2],
      [3, 0, 15],
      [4, 3, 96],
    ] as const) {
      expect(Math.abs(mean(y.map((v) => v ** k)) - moment), `moment ${k}`).toBeLessThan(
        5 * Math.sqrt(variance / SIZE),
      );
    }
    // The two of a pair, and the neighbours of two pairs, are uncorrelated.
    expect(Math.abs(mean(y.slice(1).map((v, i) => v * y[i]!)))).toBeLessThan(5 / Math.sqrt(SIZE));
  });
});

test('dropout keeps 1 - rate of the elements and the mean', async () => {
  const rate = 0.3;
  const uniforms = { ...drawUniforms(SIZE, { seed, stream: streams.dropout }), rate, scale: 1 / (1 - rate) };
  const { y } = await runKernel(dropoutMask, { uniforms, outputs: { y: SIZE }, workgroups });
  expect(new Set(y)).toEqual(new Set([0, Math.fround(1 / (1 - rate))]));
  expect(Math.abs(mean(y) - 1)).toBeLessThan(5 * Math.sqrt(rate / (1 - rate) / SIZE));
  const wanted = new Float64Array(SIZE);
  dropoutMask.reference!({} as never, uniforms, { y: wanted }, { number: 0, values: [] });
  expect(y).toEqual(Float32Array.from(wanted));
});

test('dropout with a rate near 1 scales by the share that its mask keeps', async () => {
  for (const rate of [0.2, 0.999, 0.99991]) {
    let kept = 0;
    for (let j = 0; j < 2 ** 24; j++) if (j * 2 ** -24 >= Math.fround(rate)) kept++;
    for (const backend of [cpu, await gpu()]) {
      const y = await dropout(full([2 ** 16], 1, backend), rate, { seed: 3, call: 1, step: 1 }).data();
      const scale = backend.kind === 'cpu' ? 2 ** 24 / kept : Math.fround(2 ** 24 / kept);
      expect(new Set(y)).toEqual(new Set([0, scale]));
    }
  }
});

describe('permutation', () => {
  const options = { seed: 1, stream: streams.shuffling, epoch: 0 };

  test('has every index once, and is the same again', () => {
    for (const count of [0, 1, 2, 5, 1000]) {
      const order = permutationHost(count, options);
      expect([...order].sort((a, b) => a - b)).toEqual([...Array(count).keys()]);
      expect(permutationHost(count, options)).toEqual(order);
    }
    expect(permutationHost(1000, { ...options, epoch: 1 })).not.toEqual(permutationHost(1000, options));
  });

  test('all orders of four are equally likely', () => {
    const counts = new Map<string, number>();
    const draws = 24_000;
    for (let epoch = 0; epoch < draws; epoch++) {
      const order = permutationHost(4, { ...options, epoch }).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    const chiSquare = [...counts.values()].reduce((sum, n) => sum + (n - draws / 24) ** 2 / (draws / 24), 0);
    expect(chiSquare).toBeLessThan(49.7); // 23 degrees of freedom, p = 0.001
  });
});

test.each(['cpu', 'gpu'] as const)(
  'a list of seeds draws what each draws alone, on the %s',
  async (which) => {
    const backend = which === 'cpu' ? cpu : await gpu();
    backend.step.begin(7);
    const list = [3, seed, 0];
    for (const draw of [uniform, normal]) {
      for (const shape of [[5], [4, 67], [0]]) {
        const options = { stream: 'synthetic', call: 2 } as const;
        const together = await draw([3, ...shape], backend, { ...options, seed: list }).data();
        const each = list.map((one) => draw(shape, backend, { ...options, seed: one }).data());
        const alone = (await Promise.all(each)).flatMap((values) => [...values]);
        expect([...together]).toEqual(alone);
      }
    }
    expect(() => normal([2, 5], backend, { seed: list })).toThrow(
      '[2, 5] has not 3 seeds along its first axis',
    );
    expect(() => normal([0, 5], backend, { seed: [] })).toThrow('has not 0 seeds');
    expect(() => uniform([1, 5], backend, { seed: [-1] })).toThrow('seed must be an integer');
  },
);

test('seeds are non-negative safe integers', () => {
  expect(keyOf(2 ** 53 - 1)).toEqual([0xffffffff, 0x1fffff]);
  for (const bad of [-1, 0.5, 2 ** 53, NaN]) expect(() => keyOf(bad)).toThrow('non-negative safe integer');
});

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** Draws that name no call: within a step no two are alike, and the step repeats them. */
describe('draws of a step', () => {
  const draws: [string, (backend: Backend) => Tensor][] = [
    ['uniform', (backend) => uniform([8], backend)],
    ['normal', (backend) => normal([8], backend, { seed: 3, stream: 'noise' })],
    ['normal of two seeds', (backend) => normal([2, 4], backend, { seed: [1, 2] })],
    ['normal of a named step', (backend) => normal([8], backend, { step: 4 })],
    ['dropout', (backend) => dropout(ones([64], backend), 0.5)],
    ['augment', (backend) => augment(ones([1, 1, 2, 2], backend), { brightness: 1, noise: 1 })],
    ['perturb', (backend) => perturb(ones([4, 2], backend))],
    ['mixUp', (backend) => mixUp(normal([4, 2], backend, { call: 9 }))],
    ['probesOf', (backend) => probesOf(ones([4, 2], backend), { directions: 3, distance: 1 })],
    ['latent', (backend) => latent(backend, { rows: 2, size: 3 })],
  ];
  const values = async (x: Tensor) => [...(await x.data())];

  test.each(draws)('%s: two are not alike, and the same again in the same step', async (_, draw) => {
    for (const backend of [cpu, await gpu()]) {
      backend.step.begin(7);
      const [first, second] = [await values(draw(backend)), await values(draw(backend))];
      expect(first).not.toEqual(second);
      backend.step.begin(7);
      expect(await values(draw(backend))).toEqual(first);
      expect(await values(draw(backend))).toEqual(second);
    }
  });

  test.each(draws)('%s: a captured step draws what an eager one does', async (_, draw) => {
    const backend = await gpu();
    const both = () => {
      const [a, b] = [draw(backend), draw(backend)];
      return concat([reshape(a, [a.size]), reshape(b, [b.size])], 0);
    };
    const eager: number[][] = [];
    for (let number = 1; number <= 5; number++) {
      backend.step.begin(number);
      eager.push(await values(both()));
    }
    backend.step.begin(0);
    const step = capture(both, backend);
    for (const wanted of eager) expect(await values(step())).toEqual(wanted);
    step.dispose();
  });

  test('draws for one purpose or seed do not shift those for another', async () => {
    const alone = async (before: () => unknown) => {
      cpu.step.begin(2);
      before();
      return values(dropout(ones([64], cpu), 0.5, { seed: 1 }));
    };
    const wanted = await alone(() => {});
    expect(await alone(() => normal([4], cpu, { seed: 1 }))).toEqual(wanted);
    expect(await alone(() => dropout(ones([4], cpu), 0.5, { seed: 2 }))).toEqual(wanted);
    expect(await alone(() => normal([4], cpu, { seed: 1, stream: 'dropout', call: 5 }))).toEqual(wanted);
  });

  test('weights follow the seed alone', async () => {
    const weights = () =>
      Promise.all(Object.values(mlp({ backend: cpu, widths: [3], seed: 5 }).parameters).map(values));
    const wanted = await weights();
    normal([8], cpu, { seed: 5, stream: 'initialisation' });
    cpu.step.begin();
    expect(await weights()).toEqual(wanted);
  });

  test('an op that draws is differentiated with the same numbers each time', async () => {
    await checkGrads((x) => add(dropout(x, 0.5), mul(x, normal(x.shape, x.backend))), [[3, 4]]);
  });
});
