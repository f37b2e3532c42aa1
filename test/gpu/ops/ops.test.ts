/** Every op of `cases/`: the GPU against the float64 backend; and what is refused. */
import { expect, test } from 'vitest';
import { openCpu } from '../../../engine/cpu.ts';
import { add, where } from '../../../engine/ops/pointwise/elementwise.ts';
import { gatherRows } from '../../../engine/ops/movement/gather.ts';
import { gemm } from '../../../engine/ops/matmul/gemm.ts';
import { linear, matmul } from '../../../engine/ops/matmul/matmul.ts';
import { reshape, transpose } from '../../../engine/ops/movement/movement.ts';
import { broadcastTo } from '../../../engine/ops/reduce/sum.ts';
import { concat } from '../../../engine/ops/movement/concat.ts';
import { copyTo } from '../../../engine/ops/movement/copy-to.ts';
import { slice } from '../../../engine/ops/movement/slice.ts';
import { max, mean } from '../../../engine/ops/reduce/reduce.ts';
import { sum } from '../../../engine/ops/reduce/sum.ts';
import { dropout, uniform } from '../../../engine/random.ts';
import { ShapeError } from '../../../engine/shape.ts';
import { tensor, zeros } from '../../../engine/tensor.ts';
import { cpu, gpu } from '../../backends.ts';
import { opCases } from '../../cases/all.ts';
import { checkBackends } from '../../check.ts';

test.each(opCases)('$name: GPU = CPU', ({ f, inputs, tolerance }) => checkBackends(f, inputs, { tolerance }));

// Shapes that do not fit: the error names the op and shows both shapes.
const [a34, b43, v5] = [zeros([3, 4], cpu), zeros([4, 3], cpu), zeros([5], cpu)];
const misfits: [string, () => unknown, string][] = [
  ['add', () => add(a34, b43), 'add: shapes do not broadcast, [3, 4] and [4, 3]'],
  ['where', () => where(a34, v5, 0), 'where: shapes do not broadcast, [3, 4] and [5] and []'],
  ['matmul', () => matmul(a34, a34), 'matmul: inner sizes differ, [3, 4] @ [3, 4]'],
  ['matmul of a vector', () => matmul(a34, v5), 'matmul: inner sizes differ, [3, 4] @ [5, 1]'],
  ['matmul of a scalar', () => matmul(a34, zeros([], cpu)), 'matmul: not enough axes, [3, 4] @ []'],
  ['linear of a vector', () => linear(v5, a34), 'linear: not enough axes, [5] @ [3, 4]'],
  [
    'batched matmul',
    () => matmul(zeros([2, 3, 4], cpu), zeros([3, 4, 1], cpu)),
    'matmul [2, 3, 4] @ [3, 4, 1], leading axes: shapes do not broadcast, [2] and [3]',
  ],
  ['gemm of vectors', () => gemm(v5, v5), 'gemm: wants two matrices, got [5] and [5]'],
  ['gemm', () => gemm(a34, a34), 'matmul: inner sizes differ, [3, 4] @ [3, 4]'],
  ['gemm, c', () => gemm(a34, b43, { c: v5 }), 'gemm: shapes do not broadcast, [5] and [3, 3]'],
  [
    'gemm, a larger c',
    () => gemm(a34, b43, { c: zeros([2, 3, 3], cpu) }),
    'gemm: c [2, 3, 3] does not stretch to [3, 3]',
  ],
  ['linear', () => linear(a34, b43, v5), 'linear: bias [5] for an output of [3]; wants [3]'],
  ['reshape', () => reshape(a34, [5, -1]), 'reshape: [3, 4] does not fit into [5, -1]'],
  ['reshape twice -1', () => reshape(a34, [-1, -1]), 'reshape: [3, 4] does not fit into [-1, -1]'],
  ['transpose', () => transpose(a34, [0, 0]), 'transpose: axis 0 is named twice'],
  ['transpose short', () => transpose(a34, [0]), 'transpose: order [0] for [3, 4]'],
  ['broadcastTo', () => broadcastTo(a34, [4]), 'broadcastTo: [3, 4] does not stretch to [4]'],
  ['slice', () => slice(a34, 1, 2, 5), 'slice: 2 to 5 along axis 1 of [3, 4]'],
  ['slice backwards', () => slice(a34, 1, 2, 1), 'slice: 2 to 1 along axis 1 of [3, 4]'],
  ['concat', () => concat([a34, b43], 0), 'concat: [3, 4] and [4, 3] differ besides axis 0'],
  ['concat of nothing', () => concat([], 0), 'concat: no tensors'],
  ['sum', () => sum(a34, 2), 'sum: axis 2 is out of range for rank 2'],
  ['mean of nothing', () => mean(zeros([0, 3], cpu), 0), 'mean: no elements along axes 0 of [0, 3]'],
  ['max of nothing', () => max(zeros([0, 3], cpu), 0), 'max: no elements along axes 0 of [0, 3]'],
  ['tensor', () => tensor([1, 2], [3], cpu), 'tensor: [3] wants 3 values, got 2'],
  ['zeros', () => zeros([2, -1], cpu), 'zeros: [2, -1] is not a shape'],
  ['uniform', () => uniform([1.5], cpu), 'uniform: [1.5] is not a shape'],
];

test.each(misfits)('shapes that do not fit: %s', (_, f, message) => {
  expect(f).toThrow(ShapeError);
  expect(f).toThrow(message);
});

test('other bad arguments', () => {
  expect(() => add(1, 2)).toThrow('add: two numbers and no tensor');
  expect(() => gatherRows(a34, v5)).toThrow('gatherRows: index is f32, wants u32');
  expect(() => dropout(a34, 1)).toThrow('dropout: rate must lie in [0, 1), got 1');
  expect(() => dropout(a34, 0.99999999)).toThrow('dropout: rate must be at most 0.99999994');
  expect(() => add(a34, zeros([3, 4], openCpu()))).toThrow('add: tensors on two backends');
});

test('one tensor many times in a concat, and parts without elements', async () => {
  for (const backend of [cpu, await gpu()]) {
    const x = tensor([1, 2], [2], backend);
    const y = concat([x, zeros([0], backend), x, x, x, x, x, x, x, x], 0);
    expect([...(await y.data())]).toEqual(Array.from({ length: 18 }, (_, i) => (i % 2) + 1));
  }
});

test('copyTo leaves what it does not write', async () => {
  for (const backend of [cpu, await gpu()]) {
    const y = tensor(
      Array.from({ length: 12 }, () => 9),
      [3, 4],
      backend,
    );
    copyTo([tensor([1, 2, 3], [3], backend)], y, { rows: 3, pitch: 4, widths: [1], starts: [2] });
    expect([...(await y.data())]).toEqual([9, 9, 1, 9, 9, 9, 2, 9, 9, 9, 3, 9]);
  }
});
