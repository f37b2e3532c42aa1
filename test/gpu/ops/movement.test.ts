/** Movement against NumPy's numbers, and what is refused. `ops.test.ts` holds the gradients to finite differences. */
import { describe, expect, test } from 'vitest';
import type { Backend } from '../../../engine/backend.ts';
import { grad } from '../../../engine/grad.ts';
import { gather, gatherRows, scatter, scatterRows } from '../../../engine/ops/movement/gather.ts';
import { flip } from '../../../engine/ops/movement/movement.ts';
import { slice } from '../../../engine/ops/movement/slice.ts';
import { split } from '../../../engine/ops/movement/concat.ts';
import { pad, type PadMode } from '../../../engine/ops/movement/pad.ts';
import { sum } from '../../../engine/ops/reduce/sum.ts';
import { ShapeError } from '../../../engine/shape.ts';
import { type Tensor, tensor, zeros } from '../../../engine/tensor.ts';
import { cpu, gpu } from '../../backends.ts';

const backends: [string, () => Promise<Backend>][] = [
  ['CPU', async () => cpu],
  ['GPU', gpu],
];
const read = async (x: Tensor) => [...(await x.data())];

describe.each(backends)('%s', (_, open) => {
  /** 0, 1, 2 … in a shape. */
  const range = async (...shape: number[]) => {
    const size = shape.reduce((a, b) => a * b, 1);
    return tensor([...Array(size).keys()], shape, await open(), { requiresGrad: true });
  };
  const index = async (values: number[], shape = [values.length]) =>
    tensor(values, shape, await open(), { dtype: 'u32' });

  // numpy.pad([0, 1, 2], [4, 3], mode): more than one image on both sides.
  const padded: [PadMode, number[]][] = [
    ['constant', [9, 9, 9, 9, 0, 1, 2, 9, 9, 9]],
    ['edge', [0, 0, 0, 0, 0, 1, 2, 2, 2, 2]],
    ['reflect', [0, 1, 2, 1, 0, 1, 2, 1, 0, 1]],
    ['symmetric', [2, 2, 1, 0, 0, 1, 2, 2, 1, 0]],
    ['wrap', [2, 0, 1, 2, 0, 1, 2, 0, 1, 2]],
  ];
  test.each(padded)('pad: %s', async (mode, wanted) => {
    const x = await range(3);
    const y = pad(x, [[4, 3]], { mode, value: 9 });
    expect(await read(y)).toEqual(wanted);
    // How often each element appears.
    const [dx] = grad(sum(y), [x]);
    expect(await read(dx!)).toEqual([0, 1, 2].map((i) => wanted.filter((value) => value === i).length));
  });

  test('pad: corners are padded along both axes', async () => {
    const y = pad(
      await range(2, 2),
      [
        [1, 0],
        [0, 1],
      ],
      { mode: 'reflect' },
    );
    expect(await read(y)).toEqual([2, 3, 2, 0, 1, 0, 2, 3, 2]);
  });

  test('slice with a step, and its gradient', async () => {
    const x = await range(2, 7);
    const y = slice(x, 1, 1, 6, { step: 3 });
    expect(await read(y)).toEqual([1, 4, 8, 11]);
    const [dx] = grad(sum(y), [x]);
    expect(await read(dx!)).toEqual([0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0]);
  });

  test('split: equal parts, given lengths, and the gradient of one part', async () => {
    const x = await range(2, 4);
    const equal = split(x, 2, 1);
    expect(await Promise.all(equal.map(read))).toEqual([
      [0, 1, 4, 5],
      [2, 3, 6, 7],
    ]);
    const parts = split(x, [3, 0, 1], -1);
    expect(parts.map(({ shape }) => shape)).toEqual([
      [2, 3],
      [2, 0],
      [2, 1],
    ]);
    expect(await read(parts[2]!)).toEqual([3, 7]);
    const [dx] = grad(sum(parts[2]!), [x]);
    expect(await read(dx!)).toEqual([0, 0, 0, 1, 0, 0, 0, 1]);
  });

  test('flip', async () => {
    const x = await range(2, 3);
    expect(await read(flip(x))).toEqual([5, 4, 3, 2, 1, 0]);
    expect(await read(flip(x, 0))).toEqual([3, 4, 5, 0, 1, 2]);
    expect(await read(flip(x, -1))).toEqual([2, 1, 0, 5, 4, 3]);
  });

  test('gather along any axis, by an index of any shape; scatter gives back', async () => {
    const x = await range(2, 3);
    const across = gather(x, await index([2, 0, 9, 2], [2, 2]), 1);
    expect(across.shape).toEqual([2, 2, 2]);
    expect(await read(across)).toEqual([2, 0, 2, 2, 5, 3, 5, 5]);
    const [dx] = grad(sum(across), [x]);
    expect(await read(dx!)).toEqual([1, 0, 3, 1, 0, 3]);
    expect(gather(x, await index([1], []), 0).shape).toEqual([3]);
    expect(await read(scatter(x, await index([1, 1, 0]), 2, 1))).toEqual([2, 1, 5, 7]);
    expect(await read(gatherRows(x, await index([1, 1])))).toEqual([3, 4, 5, 3, 4, 5]);
    expect(await read(scatterRows(x, await index([2, 2]), 3))).toEqual([0, 0, 0, 0, 0, 0, 3, 5, 7]);
  });
});

const x = zeros([2, 3], cpu);
const two = tensor([0, 1], [2], cpu, { dtype: 'u32' });
const misfits: [string, () => unknown, string][] = [
  [
    'pad rank',
    () => pad(x, [[1, 1]]),
    'pad: 1 widths for x [2, 3]; wants [before, after] for each of 2 axes',
  ],
  ['pad width', () => pad(zeros([3], cpu), [[-1, 0]]), 'pad: width [-1, 0] of axis 0; wants [before, after]'],
  [
    'pad nothing',
    () => pad(zeros([0], cpu), [[1, 0]], { mode: 'edge' }),
    "pad: nothing to repeat along axis 0 of [0] in mode 'edge'",
  ],
  ['slice by halves', () => slice(x, 1, 0.5, 2), 'slice: 0.5 to 2 along axis 1 of [2, 3]'],
  ['slice step', () => slice(x, 1, 0, 2, { step: 0 }), 'slice: step 0; wants an integer other than 0'],
  ['slice axis', () => slice(x, 2, 0, 1), 'slice: axis 2 is out of range for rank 2'],
  ['split unevenly', () => split(x, 2, 1), 'split: axis 1 of [2, 3] into 2 equal parts'],
  ['split into none', () => split(x, 0, 1), 'split: axis 1 of [2, 3] into 0 equal parts'],
  ['split short', () => split(x, [1, 1], 1), 'split: axis 1 of [2, 3] into parts of [1, 1]'],
  ['flip', () => flip(x, 2), 'flip: axis 2 is out of range for rank 2'],
  ['gather axis', () => gather(x, two, 2), 'gather: axis 2 is out of range for rank 2'],
  [
    'gather nothing',
    () => gather(zeros([2, 0], cpu), two, 1),
    'gather: nothing to read along axis 1 of [2, 0]',
  ],
  ['scatter', () => scatter(x, two, 4, 1), 'scatter: x [2, 3] from axis 1 against index [2]'],
  [
    'scatter length',
    () => scatter(x, two, -1),
    'scatter: length -1 along axis 0; wants an integer of at least 0',
  ],
];

test.each(misfits)('refused: %s', (_, f, message) => {
  expect(f).toThrow(ShapeError);
  expect(f).toThrow(message);
});

test('other bad arguments', () => {
  expect(() => gather(x, zeros([2], cpu))).toThrow('gather: index is f32, wants u32');
  expect(() => scatter(x, zeros([2], cpu), 2)).toThrow('scatter: index is f32, wants u32');
  // The cast: a caller in JavaScript.
  expect(() =>
    pad(
      x,
      [
        [1, 1],
        [0, 0],
      ],
      { mode: 'mirror' as PadMode },
    ),
  ).toThrow("pad: no mode 'mirror'; there are constant, edge, reflect, symmetric, wrap");
});

test('slice as Python has it', async () => {
  // list(range(7))[begin:end:step], by Python 3.
  const known: [number | undefined, number | undefined, number, number[]][] = [
    [-3, undefined, 1, [4, 5, 6]],
    [undefined, -3, 1, [0, 1, 2, 3]],
    [-6, -1, 2, [1, 3, 5]],
    [undefined, undefined, -1, [6, 5, 4, 3, 2, 1, 0]],
    [5, 1, -1, [5, 4, 3, 2]],
    [-1, -8, -3, [6, 3, 0]],
    [4, undefined, -2, [4, 2, 0]],
    [-2, -2, -1, []],
  ];
  for (const backend of [cpu, await gpu()]) {
    const x = tensor([0, 1, 2, 3, 4, 5, 6], [7], backend);
    for (const [begin, end, step, wanted] of known)
      expect([...(await slice(x, 0, begin, end, { step }).data())]).toEqual(wanted);
  }
  const x = tensor([0, 1, 2, 3, 4, 5, 6], [7], cpu);
  // Python would clamp these.
  expect(() => slice(x, 0, -8)).toThrow('slice: -8 to end along axis 0 of [7]');
  expect(() => slice(x, 0, 7, 0, { step: -1 })).toThrow('slice: 7 to 0 along axis 0 of [7]');
  expect(() => slice(x, 0, 1, 4, { step: -1 })).toThrow('slice: 1 to 4 along axis 0 of [7]');
  expect(() => slice(x, 0, 5, -9, { step: -1 })).toThrow('slice: 5 to -9 along axis 0 of [7]');
});
