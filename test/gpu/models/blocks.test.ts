/** Networks by their blocks: what each puts out, no more computed than is asked for, and the rest of the way from any of them. */
import { describe, expect, test } from 'vitest';
import type { Backend } from '../../../engine/backend.ts';
import { grad } from '../../../engine/grad.ts';
import { sum } from '../../../engine/ops/reduce/sum.ts';
import type { Shape } from '../../../engine/shape.ts';
import { type Tensor, tensor } from '../../../engine/tensor.ts';
import { noise } from '../../../kernels/random/random-host.ts';
import { lenetTrunk } from '../../../models/lenet.ts';
import { dualHead, mlp, mlpTrunk } from '../../../models/mlp.ts';
import { mobilenetTrunk } from '../../../models/mobilenet.ts';
import { type Trunk, withHead } from '../../../models/model.ts';
import { networkOf } from '../../../models/network.ts';
import { resnetTrunk } from '../../../models/resnet.ts';
import { cpu, gpu } from '../../backends.ts';

const ROWS = 3;

const kinds: Readonly<Record<string, { x: Shape; names: string; trunk(backend: Backend): Trunk }>> = {
  mlp: {
    x: [4],
    names: 'trunk.0 trunk.1',
    trunk: (backend) => mlpTrunk({ backend, inputs: 4, widths: [5, 3], activation: 'gelu' }),
  },
  lenet: {
    x: [1, 16, 16],
    names: 'trunk.conv1 trunk.pool1 trunk.conv2 trunk.pool2 trunk.linear',
    trunk: (backend) => lenetTrunk({ backend, inputShape: [1, 16, 16], width: 0.1 }),
  },
  resnet: {
    x: [1, 6, 8],
    names: 'trunk.conv trunk.stage1.block1 trunk.stage2.block1 trunk.stage3.block1 trunk.norm trunk.pool',
    trunk: (backend) => resnetTrunk({ backend, inputShape: [1, 6, 8], width: 0.25 }),
  },
  mobilenet: {
    x: [1, 8, 10],
    names:
      'trunk.first trunk.block1 trunk.block2 trunk.block3 trunk.block4 trunk.block5 trunk.last trunk.pool',
    trunk: (backend) => mobilenetTrunk({ backend, inputShape: [1, 8, 10], width: 0.25, last: 16 }),
  },
};

function rowsOf(shape: Shape, backend: Backend): Tensor {
  const size = shape.reduce((a, b) => a * b, ROWS);
  return tensor(noise(size, 7), [ROWS, ...shape], backend);
}

describe.each(Object.entries(kinds))('%s', (_, { x: shape, names, trunk }) => {
  const all = names.split(' ');

  test('every block has a shape, its output has it, and the rest of the way gives the output to the bit', async () => {
    const backend = await gpu();
    const model = withHead(trunk(backend), { outputs: 2 });
    expect(Object.keys(model.shapes)).toEqual(all);
    const x = rowsOf(shape, backend);
    const taps = model.taps(x, [...all, 'output']);
    const wanted = await model.forward(x).data();
    expect(await taps.output!.data()).toEqual(wanted);
    expect(await taps[all.at(-1)!]!.data()).toEqual(await model.features(x).data());
    for (const name of all) {
      expect(taps[name]!.shape).toEqual([ROWS, ...model.shapes[name]!]);
      expect(await model.from(name, taps[name]!).data(), name).toEqual(wanted);
    }
  });

  test('nothing runs behind the last block that is asked for', async () => {
    const backend = await gpu();
    const model = withHead(trunk(backend));
    const x = rowsOf(shape, backend);
    const dispatches = (f: () => unknown) => {
      const before = backend.stats().dispatches;
      f();
      return backend.stats().dispatches - before;
    };
    const first = dispatches(() => model.taps(x, [all[0]!]));
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(dispatches(() => model.taps(x, [all.at(-1)!])));
    expect(dispatches(() => model.taps(x, []))).toBe(0);
    expect(dispatches(() => model.from(all.at(-1)!, model.features(x)))).toBeLessThan(
      dispatches(() => model.forward(x)) + 1,
    );
  });

  test('gradients go through taps and through the rest of the way', () => {
    const model = withHead(trunk(cpu));
    const x = rowsOf(shape, cpu);
    const [first] = all as [string];
    const tap = model.taps(x, [first])[first]!;
    const parameters = Object.values(model.parameters);
    const gradients = grad(sum(tap), parameters, { allowUnused: true });
    expect(gradients.some((g) => g !== undefined)).toBe(true);
    const whole = grad(sum(model.forward(x)), parameters);
    const parts = grad(sum(model.from(first, tap)), parameters);
    return Promise.all(whole.map(async (g, i) => expect(await parts[i]!.data()).toEqual(await g.data())));
  });

  test('an unknown block is named, with those there are', () => {
    const model = withHead(trunk(cpu));
    expect(() => model.taps(rowsOf(shape, cpu), ['trunk.conv9'])).toThrow(
      `no block 'trunk.conv9'; it has ${all.join(', ')}, output`,
    );
    expect(() => model.from('features', rowsOf(shape, cpu))).toThrow("no block 'features'");
  });
});

test('in training the running statistics of the blocks that ran follow the batch, and no others', async () => {
  const model = withHead(resnetTrunk({ backend: cpu, inputShape: [1, 6, 8], width: 0.25 }));
  const means = async () =>
    Promise.all(
      ['trunk.stage1.block1.norm1.mean', 'trunk.norm.mean'].map((name) => model.buffers[name]!.data()),
    );
  const [inside, last] = await means();
  model.taps(rowsOf([1, 6, 8], cpu), ['trunk.stage1.block1'], { training: true });
  const [movedInside, movedLast] = await means();
  expect(movedInside).not.toEqual(inside);
  expect(movedLast).toEqual(last);
});

test('with two heads both are put out; seeds side by side keep their axis', () => {
  const model = dualHead({ backend: cpu, inputs: 4, widths: [5], seed: [1, 2] });
  const x = tensor(noise(2 * ROWS * 4, 3), [2, ROWS, 4], cpu);
  const { 'trunk.0': hidden, output } = model.taps(x, ['trunk.0', 'output']);
  expect(hidden!.shape).toEqual([2, ROWS, 5]);
  expect(output.pred.shape).toEqual([2, ROWS, 1]);
  expect(model.from('trunk.0', hidden!).teacherPred.shape).toEqual([2, ROWS, 1]);
});

test('a linear model has no blocks, and its output is all there is to ask for', async () => {
  const model = mlp({ backend: cpu, inputs: 4, widths: [] });
  const x = rowsOf([4], cpu);
  expect(model.shapes).toEqual({});
  expect(await model.taps(x, ['output']).output.data()).toEqual(await model.forward(x).data());
});

test.each([
  'mlp:5,3:gelu',
  'resnet8:0.25',
  'resnet-cifar8:0.25',
  'wrn-10-1:0.25',
  'mobilenetv2:0.25',
  'lenet:0.1',
])('%s in a study: the same by its name, with what joins its features', async (name) => {
  const isMlp = name.startsWith('mlp');
  const image = isMlp ? undefined : ([1, 16, 16] as const);
  const shape = { inputs: isMlp ? 4 : 256, outputs: 2, extras: isMlp ? 0 : 2, image };
  const network = networkOf(name, '--student', { backend: cpu, shape, seed: 3 });
  const x = rowsOf(image ?? [4], cpu);
  const input = isMlp ? { x } : { x, extras: rowsOf([2], cpu) };
  const all = Object.keys(network.shapes!);
  const taps = network.taps!(input, [...all, 'output']);
  const wanted = await network.forward(input).data();
  expect(await taps.output!.data()).toEqual(wanted);
  for (const block of all)
    expect(await network.from!(block, { ...input, x: taps[block]! }).data(), block).toEqual(wanted);
});
