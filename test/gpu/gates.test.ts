/** Gradients on their way through linear layers: what one dispatch computes has the bits of the ops it stands for. */
import { describe, expect, test } from 'vitest';
import { grad } from '../../engine/grad.ts';
import { type FusedActivation, linear } from '../../engine/ops/matmul.ts';
import { add, mul } from '../../engine/ops/elementwise.ts';
import { sum } from '../../engine/ops/reduce.ts';
import { type Shape, sizeOf } from '../../engine/shape.ts';
import { type Tensor, tensor } from '../../engine/tensor.ts';
import { cpu, gpu } from '../backends.ts';
import { compareValues, noise } from '../check.ts';

interface Case {
  lead: Shape;
  rows: number;
  widths: readonly number[];
  activation: FusedActivation;
  hasTwoHeads: boolean;
}

const cases: Case[] = [
  { lead: [], rows: 5, widths: [3, 7, 6], activation: 'tanh', hasTwoHeads: false },
  { lead: [], rows: 33, widths: [2, 8, 12], activation: 'tanh', hasTwoHeads: true },
  { lead: [3], rows: 20, widths: [1, 16, 16], activation: 'tanh', hasTwoHeads: true },
  { lead: [4], rows: 64, widths: [8, 32, 32], activation: 'tanh', hasTwoHeads: true },
  { lead: [2], rows: 9, widths: [4, 5], activation: 'sigmoid', hasTwoHeads: true },
  { lead: [2], rows: 9, widths: [4, 8, 4], activation: 'relu', hasTwoHeads: false },
];

/** A network that ends in one head or two, and a number for it. */
function networkOf({ lead, rows, widths, activation, hasTwoHeads }: Case, backend: typeof cpu) {
  let seed = 0;
  const draw = (shape: Shape) => {
    const x = tensor(noise(sizeOf(shape), ++seed), shape, backend);
    x.requiresGrad = true;
    return x;
  };
  const layerOf = (from: number, to: number) => [draw([...lead, from, to]), draw([...lead, to])] as const;
  const layers = widths.slice(1).map((to, i) => layerOf(widths[i]!, to));
  const heads = (hasTwoHeads ? [1, 2] : [1]).map((to) => layerOf(widths.at(-1)!, to));
  const x = draw([...lead, rows, widths[0]!]);
  const hidden: Tensor[] = [];
  const lossOf = () => {
    const last = layers.reduce((h, [weight, bias]) => {
      hidden.push(linear(h, weight, bias, activation));
      return hidden.at(-1)!;
    }, x);
    const outputs = heads.map(([weight, bias]) => linear(last, weight, bias));
    return outputs.map((y) => sum(mul(y, y))).reduce((total, part) => add(total, part));
  };
  return { lossOf, hidden, leaves: [x, ...layers.flat(), ...heads.flat()] };
}

describe.each(cases)('%o', (given) => {
  test('with a graph or without, and as on the CPU', async () => {
    const backend = await gpu();
    const { lossOf, leaves } = networkOf(given, backend);
    const before = backend.stats().dispatches;
    const loss = lossOf();
    const start = backend.stats().dispatches;
    const fused = grad(loss, leaves);
    const middle = backend.stats().dispatches;
    const composed = grad(loss, leaves, { createGraph: true });
    expect(start).toBeGreaterThan(before);
    // A dispatch less for each hidden layer's activation, and for the sum of two heads; the bias gradients of a graph are their own.
    const saved = given.widths.length - 1 + (given.hasTwoHeads ? 1 : 0);
    expect(backend.stats().dispatches - middle - (middle - start)).toBeGreaterThanOrEqual(saved);
    const onCpu = networkOf(given, cpu);
    const wanted = grad(onCpu.lossOf(), onCpu.leaves);
    for (const [i, g] of fused.entries()) {
      const values = await g.data();
      // A bias gradient of a graph is a sum of another kernel.
      if (leaves[i]!.shape.length > given.lead.length + 1)
        expect(values, `leaf ${i}`).toEqual(await composed[i]!.data());
      compareValues(`leaf ${i}`, values, await wanted[i]!.data(), 3e-6);
    }
  });
});

test('a hidden layer that is asked for, or used elsewhere, has the whole gradient', async () => {
  const backend = await gpu();
  const given: Case = { lead: [], rows: 6, widths: [3, 5, 4], activation: 'tanh', hasTwoHeads: true };
  const { lossOf, hidden, leaves } = networkOf(given, backend);
  const first = lossOf();
  const loss = add(first, sum(mul(hidden[0]!, hidden[0]!)));
  const all = grad(loss, [...hidden, ...leaves]);
  const composed = grad(loss, [...hidden, ...leaves], { createGraph: true });
  const onCpu = networkOf(given, cpu);
  const cpuFirst = onCpu.lossOf();
  const wanted = grad(add(cpuFirst, sum(mul(onCpu.hidden[0]!, onCpu.hidden[0]!))), [
    ...onCpu.hidden,
    ...onCpu.leaves,
  ]);
  for (const [i, g] of all.entries()) {
    compareValues(`${i}`, await g.data(), await wanted[i]!.data(), 3e-6);
    compareValues(`${i} with a graph`, await composed[i]!.data(), await wanted[i]!.data(), 3e-6);
  }
});
