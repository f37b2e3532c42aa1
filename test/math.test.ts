/** The functions of `kernels/math.ts` on a GPU: error bounds, order, bits, edges, no refolding. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type MathName, mathFunctions, mathIn, mathNames, mathSource } from '../kernels/math.ts';
import { philox } from '../kernels/philox.ts';
import { erf } from '../kernels/special.ts';
import { closeDevice, evaluate, openDevice } from './evaluate.ts';

const COUNT = 2 ** 20;
const RUN = 256;
const SMALLEST = 2 ** -126;
const LARGEST = (2 - 2 ** -23) * 2 ** 127;

/** Where a function changes from one formula to another, or its argument from one reduction to the next. */
const seams = [
  0.3465736, 1.0397208, 0.625, 0.875, 1.9986, 3.83, 4, 9.01, 16, 20, 13.169796, 17.32868, 25.65, 87.33654,
  88.72283, 1, 0.70710677, 1.4142135, 0.41421357, 0.29289323, 33554432, 0.7853982, 1.5707964, 3.1415927,
  65536, 1e-18, 1e-9,
];

let adapter: string;
let x: Float32Array;
const results = new Map<MathName, Float32Array>();

beforeAll(async () => {
  adapter = await openDevice();
  x = sortedArguments();
  for (const name of mathNames) results.set(name, await evaluate(`${name}_(x)`, x));
}, 120_000);

afterAll(() => closeDevice());

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
  let falls = 0;
  for (let i = 1; i < COUNT; i++) if (y[i]! < y[i - 1]!) falls++;
  expect(falls).toBe(0);
});

// SHA-256 of all results, cut short; the same on lavapipe (Mesa 25.0.7) and SwiftShader (5.0).
const sameBits: Record<MathName, string> = {
  exp: '502c7011cfa92f97',
  expm1: '1fb9a7d4a94145b4',
  log: '8e6143e4f5328717',
  log1p: '111989981c1e0e05',
  tanh: '785962b1914af2e4',
  sigmoid: '60a071af8c8f9405',
  softplus: 'e06cbc721af8779a',
  erf: 'c15cff2e8ddaa9fd',
  sin: '3ecc4fccc17fbfb2',
  cos: '30381f868c6bc075',
};

test('the bits are the same on every adapter that rounds as IEEE asks', ({ skip }) => {
  skip(!/llvmpipe|swiftshader/i.test(adapter), `nothing is promised for ${adapter}`);
  const bits = mathNames.map((name) => [name, hashOf(results.get(name)!)]);
  expect(Object.fromEntries(bits)).toEqual(sameBits);
});

const edges: Record<MathName, [number, number][]> = {
  exp: [
    [0, 1],
    [88.8, Infinity],
    [Infinity, Infinity],
    [-87.4, 0],
    [-1e30, 0],
    [-Infinity, 0],
    [1e-40, 1],
  ],
  expm1: [
    [0, 0],
    [88.8, Infinity],
    [-18, -1],
    [-1e30, -1],
    [1e-40, 0],
    [2e-38, 2e-38],
  ],
  log: [
    [1, 0],
    [0, -Infinity],
    [-0, -Infinity],
    [1e-40, -Infinity],
    [-1, NaN],
    [Infinity, Infinity],
  ],
  log1p: [
    [0, 0],
    [-1, -Infinity],
    [-1.5, NaN],
    [Infinity, Infinity],
    [2e-38, 2e-38],
    [1e-40, 0],
  ],
  tanh: [
    [0, 0],
    [9.1, 1],
    [-9.1, -1],
    [1e30, 1],
    [-Infinity, -1],
    [2e-38, 2e-38],
    [-1e-40, 0],
  ],
  sigmoid: [
    [0, 0.5],
    [20, 1],
    [1e30, 1],
    [-87.4, 0],
    [-Infinity, 0],
  ],
  softplus: [
    [100, 100],
    [1e30, 1e30],
    [Infinity, Infinity],
    [-87.4, 0],
    [-1e30, 0],
  ],
  erf: [
    [0, 0],
    [4, 1],
    [-4, -1],
    [1e30, 1],
    [-Infinity, -1],
    [1e-40, 0],
  ],
  sin: [
    [0, 0],
    [Infinity, NaN],
    [2e-38, 2e-38],
    [-1e-40, 0],
  ],
  cos: [
    [0, 1],
    [-Infinity, NaN],
    [1e-40, 1],
  ],
};

test.each(mathNames)('%s_ at its edges', async (name) => {
  const pairs = [...edges[name], [NaN, NaN]] as const;
  const y = await evaluate(
    `${name}_(x)`,
    Float32Array.from(pairs, ([argument]) => argument),
  );
  expect([...y]).toEqual(pairs.map(([, wanted]) => Math.fround(wanted)));
});

// Drivers rearrange sums across what was a call: the argument and the result must be out of their reach.
test.each([
  ['log_(1.0 + x)', 'log_(x)', (v: number) => 1 + v, (v: number) => v],
  ['log1p_(x - 1.0)', 'log1p_(x)', (v: number) => v - 1, (v: number) => v],
  ['exp_(x * 2.5)', 'exp_(x)', (v: number) => v * 2.5, (v: number) => v],
  ['1.0 - tanh_(x)', 'tanh_(x)', (v: number) => v, (v: number) => 1 - v],
  ['1.0 - erf_(x)', 'erf_(x)', (v: number) => v, (v: number) => 1 - v],
  ['1.0 + expm1_(x)', 'expm1_(x)', (v: number) => v, (v: number) => 1 + v],
  ['2.5 + log_(x)', 'log_(x)', (v: number) => v, (v: number) => 2.5 + v],
])('%s is what its parts give', async (whole, part, before, after) => {
  const argument = Float32Array.from({ length: 2 ** 14 }, (_, i) => 2 ** -10 + i * 2 ** -12 * 1.0009765625);
  const y = await evaluate(whole, argument);
  const inner = await evaluate(
    part,
    argument.map((v) => before(v)),
  );
  expect(y).toEqual(inner.map((v) => after(v)));
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
});

test('the source has each function once, after what it calls', () => {
  const source = mathSource(['softplus', 'exp', 'sin']);
  const functions = [...source.matchAll(/fn (\w+)\(/g)].map(([, name]) => name!);
  expect(functions).toEqual([...new Set(functions)]);
  expect(functions.indexOf('exp_')).toBeLessThan(functions.indexOf('softplus_'));
  expect(functions).not.toContain('tanh_');
  expect(mathIn('let y = softplus_(x) * exp_(1.0) + sin_(x);')).toBe(source);
  expect(mathIn('let y = exp(x);')).toBe('');
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

function hashOf(values: Float32Array): string {
  return createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex').slice(0, 16);
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
