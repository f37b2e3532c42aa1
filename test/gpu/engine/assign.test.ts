/** New numbers in a tensor that exists, on both backends, eager and in captured steps. */
import { describe, expect, test } from 'vitest';
import { capture } from '../../../engine/capture.ts';
import { grad } from '../../../engine/grad.ts';
import { assign } from '../../../engine/ops/movement/assign.ts';
import { add, mul, square } from '../../../engine/ops/pointwise/elementwise.ts';
import { constant, ones } from '../../../engine/ops/fill.ts';
import { gather } from '../../../engine/ops/movement/gather.ts';
import { reshape } from '../../../engine/ops/movement/movement.ts';
import { sum } from '../../../engine/ops/reduce/sum.ts';
import { sgd } from '../../../engine/optim/optim.ts';
import { ShapeError } from '../../../engine/shape.ts';
import { tensor, zeros } from '../../../engine/tensor.ts';
import { cpu, gpu } from '../../backends.ts';

const numbers = async (x: { data(): Promise<ArrayLike<number>> }) => [...Array.from(await x.data())];

describe.each([
  ['GPU', gpu],
  ['CPU', async () => cpu],
])('assign, %s', (_, open) => {
  test('writes an array, a typed array and another tensor, and views see it', async () => {
    const backend = await open();
    const x = zeros([2, 2], backend);
    const flat = reshape(x, [4]);
    assign(x, [1, 2, 3, 4]);
    expect(await numbers(flat)).toEqual([1, 2, 3, 4]);
    assign(x, Float32Array.of(5, NaN, -Infinity, 8));
    expect(await numbers(flat)).toEqual([5, NaN, -Infinity, 8]);
    assign(flat, mul(ones([4], backend), 7));
    expect(await numbers(x)).toEqual([7, 7, 7, 7]);
    assign(x, x);
    expect(await numbers(x)).toEqual([7, 7, 7, 7]);
  });

  test('writes integers', async () => {
    const backend = await open();
    const x = zeros([2], backend, { dtype: 'u32' });
    assign(x, [4_294_967_295, 1]);
    expect(await numbers(x)).toEqual([4_294_967_295, 1]);
    assign(x, tensor([3, 16_777_217], [2], backend, { dtype: 'u32' }));
    expect(await numbers(x)).toEqual([3, 16_777_217]);
    for (const values of [
      [-1, 0],
      [0.5, 0],
      [2 ** 32, 0],
      [0, NaN],
    ])
      expect(() => assign(x, values)).toThrow("'u32' wants integers from 0 to 2^32 - 1");
    expect(await numbers(x)).toEqual([3, 16_777_217]);
  });

  test('copies from one parameter of an optimiser to another', async () => {
    const backend = await open();
    const [a, b] = [1, 2].map((value) => tensor([value, value], [2], backend, { requiresGrad: true }));
    const optimizer = sgd({ a: a!, b: b! });
    assign(a!, b!);
    expect(await numbers(a!)).toEqual([2, 2]);
    assign(b!, [3, 4]);
    expect(await numbers(a!)).toEqual([2, 2]);
    expect(await numbers(b!)).toEqual([3, 4]);
    optimizer.dispose();
  });

  test('is seen by grad', async () => {
    const backend = await open();
    const x = tensor([3], [1], backend, { requiresGrad: true });
    const y = sum(square(x));
    assign(x, [4]);
    expect(() => grad(y, [x])).toThrow('written in place');
    expect(await numbers(grad(sum(square(x)), [x])[0]!)).toEqual([8]);
  });

  test('refuses what does not fit, and what is not only yours', async () => {
    const backend = await open();
    const x = zeros([2], backend);
    expect(() => assign(x, [1])).toThrow(new ShapeError('assign: [2] wants 2 values, got 1'));
    expect(() => assign(x, zeros([1, 2], backend))).toThrow('assign: [1, 2] into [2]; wants one shape');
    expect(() => assign(x, zeros([2], backend, { dtype: 'u32' }))).toThrow('assign: u32 into f32');
    const gone = zeros([2], backend);
    gone.dispose();
    expect(() => assign(x, gone)).toThrow('was disposed');
    expect(() => assign(gone, [1, 2])).toThrow('was disposed');
    for (const value of [1, 2])
      expect(() => assign(constant(value, backend), [3])).toThrow('assign: x is a constant');
    // The gradient of a sum is the 1 that everybody gets.
    const w = tensor([5], [], backend, { requiresGrad: true });
    const [one] = grad(add(w, 1), [w]);
    expect(() => assign(one!, [2])).toThrow('assign: x is a constant');
    expect(await numbers(constant(1, backend))).toEqual([1]);
  });

  test('feeds a captured step, with numbers between its calls and with tensors inside', async () => {
    const backend = await open();
    const x = tensor([0, 0], [2], backend, { label: 'x' });
    const last = zeros([2], backend);
    const step = capture(() => {
      const y = add(x, mul(last, 10));
      assign(last, x);
      return y;
    }, backend);
    const came: number[][] = [];
    for (let i = 1; i <= 5; i++) {
      assign(x, [i, -i]);
      came.push(await numbers(step()));
    }
    // x + 10 times the x before
    expect(came).toEqual([1, 2, 3, 4, 5].map((i) => [i + 10 * (i - 1), 0 - i - 10 * (i - 1)]));
    step.dispose();
    const uploads = capture(() => assign(x, [1, 2]), backend);
    expect(() => uploads()).toThrow('capture: assign is given numbers (a tensor would do) inside the step');
  });

  test('feeds indices', async () => {
    const backend = await open();
    const table = tensor([10, 20, 30], [3], backend);
    const index = zeros([2], backend, { dtype: 'u32' });
    const step = capture(() => gather(table, index, 0), backend);
    for (let i = 0; i < 4; i++) {
      assign(index, [i % 3, (i + 1) % 3]);
      expect(await numbers(step())).toEqual([10 + 10 * (i % 3), 10 + 10 * ((i + 1) % 3)]);
    }
    step.dispose();
  });
});

test('a replay after assign counts as a write for grad', async () => {
  const backend = await gpu();
  const x = tensor([3], [1], backend, { requiresGrad: true });
  const source = ones([1], backend);
  const step = capture(() => assign(x, source), backend);
  for (let i = 0; i < 2; i++) step();
  const y = sum(square(x));
  step();
  expect(() => grad(y, [x])).toThrow('written in place');
  step.dispose();
});

test('a tensor of another backend is refused', async () => {
  expect(() => assign(zeros([1], cpu), zeros([1], cpu))).not.toThrow();
  const backend = await gpu();
  expect(() => assign(zeros([1], backend), zeros([1], cpu))).toThrow('assign: tensors on two backends');
});
