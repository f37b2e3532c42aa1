/**
 * Every function of the pointwise ops on NaN, infinities, zeros, huge and tiny numbers: the GPU against JavaScript, element by
 * element. NaN must be NaN and infinities must have their sign; finite numbers are within 1e-5 of their size.
 */
import { expect, test } from 'vitest';
import { map } from '../../../engine/ops/pointwise/map.ts';
import { specialNumbers } from '../../../engine/check/samples.ts';
import { tensor } from '../../../engine/tensor.ts';
import { type FunctionName, pointFunctions } from '../../../kernels/pointwise/functions.ts';
import { cpu, gpu } from '../../backends.ts';

const inf = Infinity;
/** 32 arguments of one, and of two; 12 of three, which would be 32,768. */
const few = [NaN, inf, -inf, 0, -0, 1, -1, 0.5, -2, 3.4e38, 1e-40, -1e-38];

/** Every choice of `count` of the numbers, one list for each argument. */
function grid(numbers: readonly number[], count: number): number[][] {
  const size = numbers.length ** count;
  return Array.from({ length: count }, (_, k) =>
    Array.from({ length: size }, (_, i) => numbers[Math.floor(i / numbers.length ** k) % numbers.length]!),
  );
}

/** What float32 makes of a result: no subnormal number, and infinity from halfway beyond the largest on. */
const toFloat = (x: number) => (Math.abs(x) < 2 ** -126 ? 0 : Math.fround(x));
const isSubnormal = (x: number) => x !== 0 && Math.abs(x) < 2 ** -126;

/** A driver may take a subnormal argument for 0, one by one; -0 counts as 0. */
function choices([first, ...rest]: readonly number[]): number[][] {
  if (first === undefined) return [[]];
  const heads = isSubnormal(first) ? [0, first] : [first + 0];
  return choices(rest).flatMap((tail) => heads.map((head) => [head, ...tail]));
}

/** What is left out, and why. */
const domains: Partial<Record<FunctionName, (...at: number[]) => boolean>> = {
  // Outputs of tanh lie in [-1, 1], of sigmoid in [0, 1]; a NaN belongs to both.
  tanhGrad: (_, y) => !(Math.abs(y!) > 1),
  sigmoidGrad: (_, y) => !(y! < 0 || y! > 1),
  // σ(x) is 0 where it would be subnormal, and infinity times that is NaN.
  siluGrad: (a, x) => !(Math.abs(a!) === inf && x! < -87 && x! > -inf),
  // b - 1 is rounded to an even number, and the sign is that of an even power.
  powSlope: (a, b) => !(a! < 0 && Math.abs(b!) >= 2 ** 24 && Math.abs(b!) < inf),
  // A subnormal alpha times e^x loses digits, where a driver keeps it.
  eluGrad: (_a, _x, alpha) => !isSubnormal(alpha!),
  // x · alpha overflows to an infinity that beta cancels: beta is finite.
  hardSigmoid: (_x, _alpha, beta) => Number.isFinite(beta) || Number.isNaN(beta),
};

/** `scale`: the largest finite argument, by which a factor that vanishes below 2^-126 is off. */
function agree(got: number, wanted: number, scale: number): boolean {
  if (Object.is(got, wanted) || got === wanted) return true;
  return Math.abs(got - wanted) <= 1e-5 * Math.abs(wanted) + scale * 2 ** -118;
}

test.each(Object.keys(pointFunctions) as FunctionName[])('%s of special numbers', async (name) => {
  const { js, parameters } = pointFunctions[name];
  const given = grid(parameters.length === 3 ? few : specialNumbers, parameters.length).map((x) =>
    x.map((value) => Math.fround(value)),
  );
  const backend = await gpu();
  const y = await map(name, ...given.map((x) => tensor(x, [x.length], backend))).data();
  const wrong: string[] = [];
  for (const [i, got] of y.entries()) {
    const at = given.map((x) => x[i]!);
    if (!(domains[name]?.(...at) ?? true)) continue;
    const wanted = choices(at).map((values) => toFloat(js(...values)));
    const scale = Math.max(1, ...at.map(Math.abs).filter((x) => x < inf));
    if (!wanted.some((value) => agree(got, value, scale)))
      wrong.push(`${name}(${at.join(', ')}) = ${got}, wanted ${[...new Set(wanted)].join(' or ')}`);
  }
  expect(wrong).toEqual([]);
});

/** By IEEE 754-2019, and at infinity by the limit: what the table of functions itself could have wrong. */
const known: [FunctionName, number[], number][] = [
  ['relu', [NaN], NaN],
  ['relu', [-inf], 0],
  ['reluGrad', [1, NaN], NaN],
  ['maximum', [NaN, 1], NaN],
  ['maximum', [1, NaN], NaN],
  ['minimum', [NaN, 1], NaN],
  ['maximum', [-inf, -3], -3],
  ['passFrom', [1, NaN, 0], NaN],
  ['passAbove', [inf, 0, 1], 0],
  ['clamp', [NaN, 0, 1], NaN],
  ['clamp', [0, NaN, 1], NaN],
  ['clamp', [0, 0, NaN], NaN],
  ['sign', [NaN], NaN],
  ...(['greater', 'greaterEqual', 'less', 'lessEqual', 'equal'] as const).flatMap(
    (name): [FunctionName, number[], number][] => [
      [name, [NaN, NaN], 0],
      [name, [NaN, 1], 0],
      [name, [-inf, NaN], 0],
      [name, [0, -0], name.includes('qual') ? 1 : 0],
    ],
  ),
  ['notEqual', [NaN, NaN], 1],
  ['where', [NaN, 1, 2], 2],
  ['where', [1, 2, NaN], 2],
  ['isNaN', [NaN], 1],
  ['isNaN', [inf], 0],
  ['isFinite', [-inf], 0],
  ['isFinite', [3e38], 1],
  ['sqrt', [-1], NaN],
  ['log', [-1], NaN],
  ['log', [0], -inf],
  ['div', [0, 0], NaN],
  ['div', [-1, 0], -inf],
  ['exp', [89], inf],
  ['silu', [-inf], 0],
  ['siluGrad', [1, -inf], 0],
  ['siluGrad', [1, inf], 1],
  ['gelu', [-inf], 0],
  ['gelu', [inf], inf],
  ['geluGrad', [1, -inf], 0],
  ['geluGrad', [1, inf], 1],
  ['hardSwish', [-inf], 0],
  ['hardSwishGrad', [1, -inf], 0],
  ['softsign', [inf], 1],
  ['softsign', [-inf], -1],
  ['softsignGrad', [1, inf], 0],
  ['softsignGrad', [1e30, 1e25], 1e-20],
  ['softplus', [-inf], 0],
  ['sigmoid', [-inf], 0],
  ['tanh', [inf], 1],
  ['elu', [-inf, 2], -2],
  ['eluGrad', [1, -inf, 2], 0],
  ['leakyReluGrad', [1, NaN, 0.1], NaN],
  ['hardSigmoid', [NaN, 0.2, 0.5], NaN],
  ['hardSigmoidGrad', [1, NaN, 0.2], NaN],
  ['erf', [-inf], -1],
  ['normalDistribution', [-inf], 0],
  ['normalDistribution', [inf], 1],
  ['pow', [NaN, 0], 1],
  ['pow', [1, NaN], 1],
  ['pow', [1, -inf], 1],
  ['pow', [-1, inf], 1],
  ['pow', [-1, NaN], NaN],
  ['pow', [0, -3], inf],
  ['pow', [-inf, 3], -inf],
  ['pow', [-inf, 2], inf],
  ['pow', [-inf, -3], 0],
  ['pow', [-8, 1 / 3], NaN],
  ['pow', [0.5, -inf], inf],
  ['pow', [-0.5, inf], 0],
];

test('known values', async () => {
  const backends = [cpu, await gpu()];
  const results = known.map(async ([name, at, wanted]) => {
    const of = backends.map((backend) => map(name, ...at.map((x) => tensor([x], [1], backend))).item());
    return [name, at, ...(await Promise.all(of)).map((got) => (agree(got, wanted, 1) ? wanted : got))];
  });
  expect(await Promise.all(results)).toEqual(known.map(([name, at, wanted]) => [name, at, wanted, wanted]));
});
