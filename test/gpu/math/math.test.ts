/** The functions of `kernels/math/math.ts` on a GPU: error bounds, order, the same bits on every driver. */
import { beforeAll, describe, expect, test } from 'vitest';
import { mathFor, type MathName, mathFunctions, mathNames, mathSource } from '../../../kernels/math/math.ts';
import { philox } from '../../../kernels/random/philox.ts';
import { erf, erfc } from '../../../kernels/math/special.ts';
import { sha256 } from '../../../base/sha256.ts';
import { gpu } from '../../backends.ts';
import { evaluate } from '../../evaluate.ts';

const COUNT = 2 ** 20;
const RUN = 256;
const SMALLEST = 2 ** -126;
const LARGEST = (2 - 2 ** -23) * 2 ** 127;

/** Where a function changes from one formula to another, or its argument from one reduction to the next. */
const seams = [
  0.3465736, 1.0397208, 0.625, 0.875, 1.9986, 3.83, 4, 9.01, 16, 20, 13.169796, 17.32868, 25.65, 87.33654,
  88.72283, 1, 0.70710677, 1.4142135, 0.41421357, 0.29289323, 33554432, 0.7853982, 1.5707964, 3.1415927,
  65536, 1e-18, 1e-9, 0.4375, 0.6875, 1.1875, 2.4375, 0.9999999,
];

let x: Float32Array;
const results = new Map<MathName, Float32Array>();

beforeAll(async () => {
  x = sortedArguments();
  for (const name of mathNames) results.set(name, await evaluate(`${name}_(x)`, x));
}, 120_000);

describe.each(mathNames)('%s_', (name) => {
  const { js, maxUlp } = mathFunctions[name];

  test(`is within ${maxUlp} units in the last place`, () => {
    const y = results.get(name)!;
    let worst = 0;
    let at = 0;
    for (const [i, argument] of x.entries()) {
      const wanted = js(argument);
      if (!isNormal(argument) || !isNormal(wanted)) continue;
      const error = Math.abs(y[i]! - wanted) / ulpOf(wanted);
      if (!(error <= worst)) [worst, at] = [error, argument];
    }
    expect(worst, `at ${at}`).toBeLessThanOrEqual(maxUlp);
    expect(worst).toBeGreaterThan(0.4); // or nothing was measured
  });
});

test.each(mathNames.filter((name) => name !== 'sin' && name !== 'cos'))('%s_ never falls', (name) => {
  const y = results.get(name)!;
  // tan falls at its poles, which lie closer together than floats do from 2^24 on.
  const branch = (v: number) => (name === 'tan' ? Math.floor(v / Math.PI + 0.5) : 0);
  let falls = 0;
  for (let i = 1; i < COUNT; i++) {
    if (y[i]! < y[i - 1]! && branch(x[i]!) === branch(x[i - 1]!)) falls++;
  }
  expect(falls).toBe(0);
});

// SHA-256 of all results, cut short; the same on lavapipe (Mesa 25.0.7) and SwiftShader (5.0).
const sameBits: Record<MathName, string> = {
  exp: '43a706f93ba76325',
  expm1: 'b547335455490a82',
  log: 'e3a0ed4f8006b7ce',
  log1p: 'db34d1cbeadc9f95',
  tanh: '33c4d70aa1b305c0',
  sigmoid: '030c399ae8203807',
  softplus: 'f8b6f6eed41d5864',
  erf: '7b5ad13ac43c6212',
  sin: 'b39d5c09eacf9036',
  cos: '3f9bf846e7792140',
  tan: 'a42ce31cce8d675a',
  atan: '4c63f4b74b4e95ff',
};

test('the bits are the same on every adapter that rounds as IEEE asks', async ({ skip }) => {
  const adapter = (await gpu()).name;
  skip(!/llvmpipe|swiftshader/i.test(adapter), `nothing is promised for ${adapter}`);
  const bits = {} as Record<MathName, string>;
  for (const name of mathNames) bits[name] = await hashOf(results.get(name)!);
  expect(bits).toEqual(sameBits);
});

test('erf in float64, on both sides of where its two forms meet', () => {
  // mpmath 1.3, 30 digits
  const table: [number, number][] = [
    [0.1, 0.1124629160182849],
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [1.5, 0.9661051464753108],
    [1.9999999999, 0.995322265016886],
    [2, 0.9953222650189527],
    [3, 0.9999779095030014],
  ];
  for (const [argument, wanted] of table) {
    expect(Math.abs(erf(argument) / wanted - 1), `erf ${argument}`).toBeLessThan(1e-15);
    expect(erf(-argument)).toBe(-erf(argument));
  }
  expect([erf(0), erf(7), erf(-Infinity)]).toEqual([0, 1, -1]);
  const tails: [number, number][] = [
    [-1, 1.8427007929497148],
    [1, 0.15729920705028513],
    [4, 1.541725790028002e-8],
    [9, 4.137031746513812e-37],
  ];
  for (const [argument, wanted] of tails)
    expect(Math.abs(erfc(argument) / wanted - 1), `erfc ${argument}`).toBeLessThan(1e-13);
});

test('the source has each function once, after what it calls', () => {
  const source = mathSource(['softplus', 'exp', 'sin']);
  const functions = [...source.matchAll(/fn (\w+)\(/g)].map(([, name]) => name!);
  expect(functions).toEqual([...new Set(functions)]);
  expect(functions.indexOf('exp_')).toBeLessThan(functions.indexOf('softplus_'));
  expect(functions).not.toContain('tanh_');
  expect(mathFor('let y = softplus_(x) * exp_(1.0) + sin_(x);', 'portable')).toBe(source);
  expect(mathFor('let y = exp(x);', 'portable')).toBe('');
});

/** Random bit patterns, and runs of neighbours from random places and from the seams; no NaN. */
function sortedArguments(): Float32Array {
  const bits = new Uint32Array(COUNT);
  const put = (start: number, first: number) => {
    for (let j = 0; j < RUN; j++) bits[start + j] = first + j;
  };
  for (let start = 0, n = 0; start < COUNT; start += RUN, n++) {
    const words = philox([n, 0, 0, 0], [1, 0]);
    const seam = seams[n >> 2];
    if (seam) put(start, (bitsOf(seam) - (n & 1) * RUN + ((n & 2) << 30)) >>> 0);
    // |x| from 2^-8 to 2^8, where the functions do most
    else if (n % 4 === 1)
      put(start, ((words[0] & 0x80000000) | (0x3b800000 + (words[1] % 0x08000000))) >>> 0);
    else for (let j = 0; j < RUN; j++) bits[start + j] = philox([n, j, 1, 0], [1, 0])[0];
  }
  const all = new Float32Array(bits.buffer).map((v) => (Number.isNaN(v) ? 0 : v));
  return all.sort();
}

async function hashOf(values: Float32Array): Promise<string> {
  return (await sha256(new Uint8Array(values.buffer))).slice(0, 16);
}

function bitsOf(v: number): number {
  return new Uint32Array(Float32Array.of(v).buffer)[0]!;
}

function isNormal(v: number): boolean {
  return Math.abs(v) >= SMALLEST && Math.abs(v) <= LARGEST;
}

/** The distance between float32 neighbours in the binade of v. */
function ulpOf(v: number): number {
  let exponent = Math.floor(Math.log2(Math.abs(v)));
  if (2 ** exponent > Math.abs(v)) exponent--;
  return 2 ** (exponent - 23);
}
