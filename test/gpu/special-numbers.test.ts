/**
 * Every function of the pointwise ops on NaN, infinities, zeros, huge and tiny numbers: the GPU against JavaScript, element by
 * element. NaN must be NaN and infinities must have their sign; finite numbers are within 1e-5 of their size.
 */
import { expect, test } from 'vitest';
import { map } from '../../engine/ops/map.ts';
import { specialNumbers } from '../../engine/samples.ts';
import { tensor } from '../../engine/tensor.ts';
import { type FunctionName, pointFunctions } from '../../kernels/functions.ts';
import { gpu } from '../backends.ts';

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
