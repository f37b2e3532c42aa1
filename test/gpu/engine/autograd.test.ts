/** The tape and the walk over it: orders of derivative, what is visited, and what is refused. */
import { describe, expect, test } from 'vitest';
import type { Backend } from '../../../engine/backend.ts';
import { between, grad } from '../../../engine/grad.ts';
import { tanh } from '../../../engine/ops/pointwise/activations.ts';
import { add, detach, exp, mul, sin, square, sub } from '../../../engine/ops/pointwise/elementwise.ts';
import { constant } from '../../../engine/ops/fill.ts';
import { gatherRows } from '../../../engine/ops/movement/gather.ts';
import { reshape } from '../../../engine/ops/movement/movement.ts';
import { assign } from '../../../engine/ops/movement/assign.ts';
import { copyTo } from '../../../engine/ops/movement/copy-to.ts';
import { mean } from '../../../engine/ops/reduce/reduce.ts';
import { sum } from '../../../engine/ops/reduce/sum.ts';
import { ShapeError } from '../../../engine/shape.ts';
import { isRecording, isTracked, noGrad } from '../../../engine/tape.ts';
import { type Tensor, tensor, tidy } from '../../../engine/tensor.ts';
import { cpu, gpu } from '../../backends.ts';
import { checkBackends, checkGrads, compareValues } from '../../check.ts';

const leaf = (values: readonly number[], backend: Backend = cpu, label = '') =>
  tensor(values, [values.length], backend, { requiresGrad: true, label });

test('derivatives of sin and tanh to order 4 have their closed forms', async () => {
  const at = [0.3, -1.1];
  for (const backend of [cpu, await gpu()]) {
    const x = leaf(at, backend);
    let derivative = sin(x);
    for (const closed of [Math.cos, (v: number) => -Math.sin(v), (v: number) => -Math.cos(v), Math.sin]) {
      [derivative] = grad(sum(derivative), [x], { createGraph: true }) as [Tensor];
      compareValues('sin', await derivative.data(), Float64Array.from(at, closed), 1e-6);
    }
    let of = tanh(x);
    const forms = [
      (y: number) => 1 - y * y,
      (y: number) => -2 * y * (1 - y * y),
      (y: number) => (1 - y * y) * (6 * y * y - 2),
      (y: number) => (1 - y * y) * (16 * y - 24 * y ** 3),
    ];
    for (const form of forms) {
      [of] = grad(sum(of), [x], { createGraph: true }) as [Tensor];
      compareValues(
        'tanh',
        await of.data(),
        Float64Array.from(at, (v) => form(Math.tanh(v))),
        1e-5,
      );
    }
  }
});

test('a small function to order 3, against differences and on the GPU', async () => {
  const f = (x: Tensor, y: Tensor) => mul(exp(mul(x, y)), add(tanh(sub(x, y)), square(y)));
  const inputs = [
    [0.3, -0.7],
    [0.8, 0.4],
  ].map((values) => ({ shape: [2], values: Float32Array.from(values) }));
  await checkGrads(f, inputs, { order: 3 });
  await checkBackends(f, inputs);
});

test('cotangents of a tensor used several times are added up', async () => {
  const x = leaf([2, 3]);
  const y = mul(x, x); // y + y + x
  expect([...(await grad(sum(add(add(y, y), x)), [x])[0]!.data())]).toEqual([9, 13]);
  expect([...(await grad(sum(add(x, x)), [x])[0]!.data())]).toEqual([2, 2]);
});

test('several inputs, an inner one among them, and y itself', async () => {
  const x = leaf([2]);
  const inner = mul(x, 3);
  const y = sum(square(inner));
  const [byX, byInner, byY, again] = grad(y, [x, inner, y, x]);
  expect(await Promise.all([byX!, byInner!, byY!, again!].map((g) => g.item()))).toEqual([36, 12, 1, 36]);
});

test('the gradients of one graph can be asked for again and again', async () => {
  const x = leaf([2, -1]);
  const y = sum(tanh(mul(x, x)));
  const [first, second] = [grad(y, [x])[0]!, grad(y, [x], { createGraph: true })[0]!];
  expect(await first.data()).toEqual(await second.data());
});

test('a seed is a cotangent', async () => {
  const x = leaf([1, 2, 3]);
  const seed = tensor([1, 0, -2], [3], cpu);
  expect([...(await grad(square(x), [x], { seed })[0]!.data())]).toEqual([2, 0, -12]);
  expect(() => grad(square(x), [x])).toThrow('grad: y is [3], not a scalar; reduce it or give a seed');
  expect(() => grad(sum(x), [x], { seed })).toThrow('grad: the seed [3] has not the shape of y, []');
  // A scalar by its size.
  expect([...(await grad(reshape(sum(square(x)), [1, 1]), [x])[0]!.data())]).toEqual([2, 4, 6]);
});

describe('the walk', () => {
  const opsOf = (y: Tensor, ...wanted: Tensor[]) => between(y, new Set(wanted)).map(({ node }) => node.op);

  test('visits what lies between, last computed first', () => {
    const [x, w] = [leaf([1]), leaf([2])];
    const side = exp(exp(w));
    const y = mul(add(tanh(x), side), x);
    expect(opsOf(y, x)).toEqual(['mul', 'add', 'tanh']);
    expect(opsOf(y, w)).toEqual(['mul', 'add', 'exp', 'exp']);
    expect(opsOf(y, x, w)).toEqual(['mul', 'add', 'exp', 'exp', 'tanh'].sort((a, b) => order(a) - order(b)));
    // side is older than tanh(x) but it is a leaf of this question: what made it is not asked.
    expect(opsOf(y, side)).toEqual(['mul', 'add']);
    function order(op: string): number {
      return ['mul', 'add', 'tanh', 'exp'].indexOf(op);
    }
  });

  test('passes over what is older than all that is wanted', () => {
    let old = leaf([1]);
    for (let i = 0; i < 100; i++) old = mul(old, 1.01);
    const x = leaf([1]);
    const y = mul(add(x, old), x);
    // A node that must not be looked at.
    old.node = new Proxy(old.node!, { get: (_, key) => expect.unreachable(`read ${String(key)}`) });
    expect(opsOf(y, x)).toEqual(['mul', 'add']);
  });

  test('asks a diamond once a node', () => {
    const x = leaf([1e-9]);
    let y: Tensor = x;
    for (let i = 0; i < 60; i++) y = add(y, y); // 2^60 paths
    expect(opsOf(y, x)).toHaveLength(60);
    return expect(grad(y, [x])[0]!.item()).resolves.toBe(2 ** 60);
  });

  test('10,000 ops in a row do not overflow the stack', async () => {
    const x = leaf([1]);
    let y: Tensor = x;
    for (let i = 0; i < 10_000; i++) y = add(y, 0.5);
    expect(await grad(y, [x])[0]!.item()).toBe(1);
  });
});

describe('refused', () => {
  test('an input written in place after its use', async () => {
    for (const backend of [cpu, await gpu()]) {
      const x = leaf([1, 2], backend, 'weight');
      const y = sum(square(x));
      copyTo([tensor([5], [1], backend)], x, { rows: 1, pitch: 2, widths: [1], starts: [0] });
      expect(() => grad(y, [x])).toThrow(
        "grad: 'weight' [2], input 0 of square, was written in place after square used it",
      );
      // A new graph sees the new numbers.
      expect([...(await grad(sum(square(x)), [x])[0]!.data())]).toEqual([10, 4]);
    }
  });

  test('a result written in place, which its VJP would use', () => {
    const x = leaf([1]);
    const y = tanh(x);
    copyTo([tensor([5], [1], cpu)], y, { rows: 1, pitch: 1, widths: [1], starts: [0] });
    expect(() => grad(y, [x])).toThrow('grad: [1], the result of tanh, was written in place');
  });

  test('through a view, and an index', () => {
    const x = leaf([1, 2, 3, 4]);
    const y = sum(square(reshape(x, [2, 2])));
    const write = (to: Tensor) =>
      copyTo([tensor([0], [1], cpu)], to, { rows: 1, pitch: 1, widths: [1], starts: [0] });
    write(x);
    expect(() => grad(y, [x])).toThrow('was written in place');
    const index = tensor([1], [1], cpu, { dtype: 'u32' });
    const rows = sum(gatherRows(x, index));
    assign(index, [0]);
    expect(() => grad(rows, [x])).toThrow('input 1 of gatherRows, was written in place');
  });

  test('a disposed tensor: the error names the op that wants it and the tensor', () => {
    const x = leaf([1, 2], cpu, 'weight');
    x.dispose();
    x.dispose();
    expect(() => add(x, 1)).toThrow("add: tensor 'weight' [2] was disposed; return it from tidy to keep it");
    expect(() => reshape(x, [2, 1])).toThrow("'weight' [2] was disposed");
    let inner = leaf([1]);
    tidy(() => {
      inner = mul(inner, 2);
    });
    expect(() => tanh(inner)).toThrow('tanh: tensor [1] was disposed by tidy');
  });

  test('a gradient through what tidy has freed', () => {
    const x = leaf([1, 2]);
    const loss = tidy(() => sum(square(mul(x, 2))));
    expect(() => grad(loss, [x])).toThrow('was disposed; call grad inside tidy');
    // The other path is whole: half of a gradient would be worse than none.
    const both = tidy(() => {
      const kept = mul(square(x), 2);
      return { kept, sum: sum(x) };
    });
    expect(() => grad(sum(add(both.kept, x)), [x])).toThrow('was disposed; call grad inside tidy');
    expect(tidy(() => grad(sum(square(mul(x, 2))), [x]))[0]!.isDisposed).toBe(false);
  });

  test('what was not recorded, and what y does not depend on', async () => {
    const [x, w] = [leaf([1], cpu, 'x'), leaf([2], cpu, 'w')];
    const plain = tensor([1], [1], cpu);
    expect(() => grad(sum(x), [x, plain])).toThrow(
      'grad: input 1 [1] was not recorded; make it with { requiresGrad: true }',
    );
    expect(() => grad(sum(x), [x, w])).toThrow(
      /^grad: y does not depend on input 1 'w' \[1\]; if y comes from a gradient, take that with { createGraph: true }/,
    );
    const [, unused] = grad(sum(x), [x, w], { allowUnused: true });
    expect(await unused!.item()).toBe(0);
  });

  test('a VJP whose gradient does not fit', async () => {
    const { record } = await import('../../../engine/tape.ts');
    const x = leaf([1, 2]);
    const wrong = record('wrong', sum(detach(x)), [x], (g) => [g]);
    expect(() => grad(wrong, [x])).toThrow(ShapeError);
    expect(() => grad(wrong, [x])).toThrow('wrong: gradient [] of input 0, which is [2]');
    const nothing = record('nothing', sum(detach(x)), [x], () => []);
    expect(() => grad(nothing, [x])).toThrow('nothing: its VJP gave nothing for input 0');
  });
});

test('detach stops a gradient, its numbers stay', async () => {
  const x = leaf([3]);
  const y = mul(x, detach(x));
  expect(await y.item()).toBe(9);
  expect(await grad(sum(y), [x])[0]!.item()).toBe(3);
  expect(isTracked(detach(x))).toBe(false);
});

test('noGrad records nothing, also after an error inside', () => {
  const x = leaf([3]);
  expect(isTracked(noGrad(() => square(x)))).toBe(false);
  expect(() =>
    noGrad(() => {
      throw new Error('inside');
    }),
  ).toThrow('inside');
  expect(isRecording()).toBe(true);
  expect(isTracked(square(x))).toBe(true);
});

test('a gradient is recorded only with createGraph', () => {
  const x = leaf([3]);
  const y = sum(mul(x, square(x)));
  expect(isTracked(grad(y, [x])[0]!)).toBe(false);
  expect(isTracked(grad(y, [x], { createGraph: true })[0]!)).toBe(true);
  expect(isTracked(noGrad(() => grad(y, [x], { createGraph: true }))[0]!)).toBe(true);
});

test('a gradient may be disposed, even one that is a shared constant', async () => {
  const x = tensor([3], [], cpu, { requiresGrad: true });
  grad(add(x, 5), [x])[0]!.dispose();
  expect(await mul(x, 1).item()).toBe(3);
  expect(await constant(1, cpu).item()).toBe(1);
  expect(await grad(mean(mul(x, 2)), [x])[0]!.item()).toBe(2);
});
