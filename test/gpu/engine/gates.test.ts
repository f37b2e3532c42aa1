/** Gradients on their way through linear layers: what one dispatch computes has the bits of the ops it stands for. */
import { describe, expect, test } from 'vitest';
import { grad } from '../../../engine/grad.ts';
import { listening } from '../../../engine/listener.ts';
import { type FusedActivation, linear } from '../../../engine/ops/matmul/matmul.ts';
import { add, mul } from '../../../engine/ops/pointwise/elementwise.ts';
import { reshape } from '../../../engine/ops/movement/movement.ts';
import { sum } from '../../../engine/ops/reduce/sum.ts';
import { type Shape, sizeOf } from '../../../engine/shape.ts';
import { type Tensor, tensor } from '../../../engine/tensor.ts';
import { cpu, gpu } from '../../backends.ts';
import { compareValues, noise } from '../../check.ts';

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

/** Kernels of the dispatches that `f` makes. */
function kernelsOf<T>(f: () => T): { result: T; kernels: string[] } {
  const kernels: string[] = [];
  const before = listening.to;
  const nothing = () => {};
  listening.to = {
    dispatched: ({ name }) => void kernels.push(name),
    ...{ computed: nothing, entersBackward: nothing, leavesBackward: nothing },
  };
  try {
    return { result: f(), kernels };
  } finally {
    listening.to = before;
  }
}

describe.each(cases)('%o', (given) => {
  test('with a graph or without, and as on the CPU', async () => {
    const backend = await gpu();
    const { lossOf, leaves } = networkOf(given, backend);
    const loss = lossOf();
    const { result: fused, kernels } = kernelsOf(() => grad(loss, leaves));
    const { result: composed, kernels: apart } = kernelsOf(() => grad(loss, leaves, { createGraph: true }));
    const [layers, back] = [given.widths.length - 1, `${given.activation}Grad`];
    // Through each hidden layer's activation in a product; of two heads the second has the sum of both.
    expect(kernels.filter((name) => name.startsWith('matmul-') && name.endsWith(back))).toHaveLength(layers);
    expect(kernels.filter((name) => name.includes('-add-'))).toHaveLength(given.hasTwoHeads ? 1 : 0);
    expect(kernels).not.toContain(back);
    expect(apart.filter((name) => name === back)).toHaveLength(layers);
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

/** Sums of squares in which a gated output is used otherwise than as the x of one layer. */
const others: Record<string, { shapes: readonly Shape[]; loss: (...x: Tensor[]) => Tensor }> = {
  'as x and as weight of one layer': {
    shapes: [[5, 5], [5, 5], [5]],
    loss(x, weight, bias) {
      const h = linear(x!, weight!, bias, 'tanh');
      return linear(h, h, bias);
    },
  },
  'as a weight alone': {
    shapes: [[4, 5], [5, 6], [6], [3, 4]],
    loss(x, weight, bias, input) {
      return linear(input!, linear(x!, weight!, bias, 'sigmoid'));
    },
  },
  'in another shape': {
    shapes: [[6, 4], [4, 4], [4], [8, 2]],
    loss(x, weight, bias, last) {
      return linear(reshape(linear(x!, weight!, bias, 'tanh'), [3, 8]), last!);
    },
  },
  'as one batch for several weights': {
    shapes: [[1, 6, 4], [4, 5], [5], [3, 5, 2]],
    loss(x, weight, bias, several) {
      return linear(linear(x!, weight!, bias, 'tanh'), several!);
    },
  },
};

test.each(Object.entries(others))('a gated output %s', async (_, { shapes, loss }) => {
  const gradients = [await gpu(), cpu].map((backend) => {
    const leaves = shapes.map((shape, i) => {
      const x = tensor(noise(sizeOf(shape), i + 1), shape, backend);
      x.requiresGrad = true;
      return x;
    });
    const y = loss(...leaves);
    const total = sum(mul(y, y));
    return [grad(total, leaves), grad(total, leaves, { createGraph: true })] as const;
  });
  const [[fused, composed], [onCpu, composedOnCpu]] = gradients as [
    (typeof gradients)[0],
    (typeof gradients)[0],
  ];
  for (const i of shapes.keys()) {
    const wanted = await composedOnCpu[i]!.data();
    compareValues(`${i}`, await fused[i]!.data(), wanted, 3e-6);
    compareValues(`${i} with a graph`, await composed[i]!.data(), wanted, 3e-6);
    compareValues(`${i} on the CPU`, await onCpu[i]!.data(), wanted, 1e-12);
  }
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
