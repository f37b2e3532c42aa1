/** Numbers that are hard to add, and how far sums of them are from float64. */
import { noise } from '../kernels/random/random-host.ts';

/** Numbers by kind: place `i` of `n`, and a random number that is about N(0, 1). */
export const hardNumbers: Readonly<Record<string, (i: number, n: number, random: number) => number>> = {
  'a tenth': () => 0.1,
  'a third': () => 1 / 3,
  normal: (_i, _n, random) => random,
  'far from 0': (_i, _n, random) => 1000 + random,
  alternating: (i, _n, random) => (i % 2 === 0 ? 1 : -1) * (1 + Math.abs(random)),
  falling: (i) => 0.99 ** (i % 5000),
  growing: (i) => 1.01 ** (i % 2000),
  sorted: (i, n) => i / n - 0.3,
  'of all magnitudes': (i, _n, random) => random * 2 ** ((i * 37) % 60) * 2 ** -30,
  'large first': (i, _n, random) => (i === 0 ? 2 ** 20 : Math.abs(random)),
  'nearly cancelling': (i, n, random) => (i < n / 2 ? 1e4 : -1e4) + random / 100,
};

export function numbersOf(kind: string, n: number, seed: number): Float32Array {
  const random = noise(n, seed);
  return Float32Array.from({ length: n }, (_, i) => hardNumbers[kind]!(i, n, random[i]!));
}

/** What sums may be off, in sums of magnitudes. */
export const SUM_ERROR = 6e-7;
