/** Kernels that loop over elements: rows, columns and so on by carries give what divisions would, over several turns of a lane. */
import { expect, test } from 'vitest';
import { dispatch } from '../../../engine/dispatch.ts';
import { add } from '../../../engine/ops/pointwise/elementwise.ts';
import { transpose } from '../../../engine/ops/movement/movement.ts';
import { concat } from '../../../engine/ops/movement/concat.ts';
import { gather } from '../../../engine/ops/movement/gather.ts';
import { maxPool2d } from '../../../engine/ops/image/pool.ts';
import { logSoftmax, softmax } from '../../../engine/ops/reduce/softmax.ts';
import { sum } from '../../../engine/ops/reduce/sum.ts';
import { type Tensor, tensor } from '../../../engine/tensor.ts';
import { elementLoop } from '../../../kernels/element-loop.ts';
import { defineKernel } from '../../../kernels/kernel.ts';
import type { Backend } from '../../../engine/backend.ts';
import { cpu, gpu } from '../../backends.ts';
import { compareValues, noise } from '../../check.ts';

/** Four numbers for each element: its digits, and what is left above them. */
const digits = defineKernel({
  name: 'digits',
  inputs: [],
  outputs: { y: 'u32' },
  uniforms: { size: 'u32', a: 'u32', b: 'u32', c: 'u32' },
  code: elementLoop({
    size: 'uniforms.size',
    digits: { p: 'uniforms.a', q: 'uniforms.b', r: 'uniforms.c' },
    body: 'y[4u * i] = p; y[4u * i + 1u] = q; y[4u * i + 2u] = r; y[4u * i + 3u] = rest;',
  }),
});

test.each([
  [3, 5, 7],
  [1, 1, 1],
  [64, 2, 3],
  [63, 65, 1],
  [200, 3, 2],
  [2, 1, 100],
])('digits of %i, %i and %i values', async (a, b, c) => {
  const size = 3001;
  // One workgroup: each of its lanes takes 47 turns.
  const { y } = dispatch(digits, {
    inputs: {},
    uniforms: { size, a, b, c },
    outputs: { y: [size, 4] },
    workgroups: 1,
    backend: await gpu(),
  });
  const wanted = Array.from({ length: size }, (_, i) => [
    i % a,
    Math.floor(i / a) % b,
    Math.floor(i / (a * b)) % c,
    Math.floor(i / (a * b * c)),
  ]);
  expect([...(await y.data())]).toEqual(wanted.flat());
});

const draw = (shape: readonly number[], backend: Backend, seed = 1) =>
  tensor(
    noise(
      shape.reduce((size, length) => size * length, 1),
      seed,
    ),
    shape,
    backend,
  );

test.each<[string, (backend: Backend) => Tensor]>([
  ['transpose', (on) => transpose(draw([7, 1, 5, 93], on), [3, 1, 0, 2])],
  ['broadcast', (on) => add(draw([41, 1, 3], on), draw([1, 50, 3], on, 2))],
  ['concat', (on) => concat([draw([90, 7], on), draw([90, 33], on, 2), draw([90, 1], on, 3)], 1)],
  ['max-pool', (on) => maxPool2d(draw([3, 5, 30, 46], on), { size: 2 })],
  ['gather', (on) => gather(draw([9, 11, 67], on), tensor([3, 10, 0, 3], [4], on, { dtype: 'u32' }), 1)],
  // Fewer rows than lanes: the others must not touch what is theirs.
  ['softmax', (on) => softmax(draw([10, 4], on), 1)],
  ['logSoftmax', (on) => logSoftmax(draw([3, 8], on), 0)],
  ['sum', (on) => sum(draw([5, 12], on), 1)],
])('%s as on the CPU', async (name, make) => {
  compareValues(name, await make(await gpu()).data(), await make(cpu).data(), 1e-6);
});
