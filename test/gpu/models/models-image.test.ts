/** Image networks: names, heads, initial numbers, training and evaluation, checkpoints, misuse. */
import { describe, expect, test } from 'vitest';
import type { Backend } from '../../../engine/backend.ts';
import { loadCheckpoint, saveCheckpoint } from '../../../engine/files/checkpoint.ts';
import { openCpu } from '../../../engine/cpu.ts';
import { capture } from '../../../engine/capture.ts';
import { openGpu } from '../../../engine/gpu/gpu.ts';
import { grad } from '../../../engine/grad.ts';
import { add } from '../../../engine/ops/pointwise/elementwise.ts';
import { type Optimizer, sgd } from '../../../engine/optim/optim.ts';
import { runningStatistics } from '../../../engine/data/running-statistics.ts';
import type { Shape } from '../../../engine/shape.ts';
import { type Tensor, tensor, tidy, zeros } from '../../../engine/tensor.ts';
import { mse } from '../../../losses/regression.ts';
import { lenetTrunk } from '../../../models/lenet.ts';
import { mobilenetTrunk } from '../../../models/mobilenet.ts';
import { type DualHeadModel, type Model, type Trunk, withDualHead, withHead } from '../../../models/model.ts';
import { resnet, resnetTrunk } from '../../../models/resnet.ts';
import { resnetCifarTrunk } from '../../../models/resnet-cifar.ts';
import { wideResnetTrunk } from '../../../models/wide-resnet.ts';
import { cpu, gpu } from '../../backends.ts';
import { checkGrads, noise } from '../../check.ts';

const heads = { outputs: 2, extras: 2 };

/** Each kind of network, narrow, with the smallest images that it is sensible for. */
const kinds: Readonly<Record<string, { image: Shape; trunk(backend: Backend, seed?: number): Trunk }>> = {
  lenet: {
    image: [1, 16, 16],
    trunk: (backend, seed) => lenetTrunk({ backend, inputShape: [1, 16, 16], width: 0.1, seed }),
  },
  resnet8: {
    image: [1, 6, 8],
    trunk: (backend, seed) => resnetTrunk({ backend, inputShape: [1, 6, 8], width: 0.25, seed }),
  },
  'resnet-cifar8': {
    image: [3, 6, 7],
    trunk: (backend, seed) =>
      resnetCifarTrunk({ backend, inputShape: [3, 6, 7], depth: 8, width: 0.25, seed }),
  },
  'wrn-10-2': {
    image: [3, 6, 7],
    trunk: (backend, seed) =>
      wideResnetTrunk({ backend, inputShape: [3, 6, 7], depth: 10, width: 0.25, seed }),
  },
  mobilenet: {
    image: [1, 8, 10],
    trunk: (backend, seed) =>
      mobilenetTrunk({ backend, inputShape: [1, 8, 10], width: 0.25, last: 16, seed }),
  },
};
const each = Object.entries(kinds).map(([name, kind]) => ({ name, ...kind }));

const ROWS = 4;
const given = (image: Shape, backend: Backend, seed = 1) => ({
  x: tensor(noise(ROWS * image.reduce((a, b) => a * b), seed), [ROWS, ...image], backend),
  extras: tensor(noise(ROWS * 2, seed + 1), [ROWS, 2], backend),
});

async function numbers(
  tensors: Readonly<Record<string, Tensor>>,
): Promise<Record<string, readonly number[]>> {
  const entries = Object.entries(tensors).map(async ([name, x]) => [name, [...(await x.data())]] as const);
  return Object.fromEntries(await Promise.all(entries));
}

test('names and shapes', () => {
  const shapesOf = (network: Model) =>
    Object.entries({ ...network.parameters, ...network.buffers }).map(
      ([name, { shape }]) => `${name} ${shape.join(' ')}`,
    );
  expect(shapesOf(withHead(kinds.lenet!.trunk(cpu), heads))).toEqual([
    'trunk.conv1.weight 2 1 5 5',
    'trunk.conv1.bias 2',
    'trunk.conv2.weight 5 2 5 5',
    'trunk.conv2.bias 5',
    'trunk.linear.weight 5 50',
    'trunk.linear.bias 50',
    'label.0.weight 52 2',
    'label.0.bias 2',
  ]);
  const names = shapesOf(withHead(kinds.resnet8!.trunk(cpu), heads));
  expect(names.slice(0, 6)).toEqual([
    'trunk.conv.weight 4 1 3 3',
    'trunk.stage1.block1.norm1.scale 4',
    'trunk.stage1.block1.norm1.bias 4',
    'trunk.stage1.block1.conv1.weight 4 4 3 3',
    'trunk.stage1.block1.norm2.scale 4',
    'trunk.stage1.block1.norm2.bias 4',
  ]);
  expect(names).toContain('trunk.stage2.block1.shortcut.weight 8 4 1 1');
  expect(names).toContain('trunk.norm.variance 16');
  expect(names).toContain('label.0.weight 18 2');
  expect(names.filter((name) => name.includes('shortcut'))).toHaveLength(2);
  const mobile = shapesOf(withHead(kinds.mobilenet!.trunk(cpu), heads));
  expect(mobile).toContain('trunk.block2.depthwise.conv.weight 48 1 3 3');
  expect(mobile.some((name) => name.startsWith('trunk.block1.expand'))).toBe(false);
});

describe.each(each)('$name', ({ image, trunk }) => {
  test('features, one head, two heads, and the deployed one of two', async () => {
    const plain = withHead(trunk(cpu, 7), heads);
    const student = withDualHead(trunk(cpu, 7), { ...heads, headDepth: 0 });
    const deployed = student.labelOnly();
    const { x, extras } = given(image, cpu);
    const features = plain.features(x);
    expect(features.shape).toEqual([ROWS, plain.featureCount]);

    const before = await numbers(plain.parameters);
    const all = await numbers(student.parameters);
    for (const [name, values] of Object.entries(before)) expect(all[name], name).toEqual(values);
    expect(all['teacher.0.weight']).not.toEqual(all['label.0.weight']);
    expect(Object.keys(deployed.parameters)).toEqual(Object.keys(plain.parameters));
    for (const [name, x] of Object.entries(deployed.parameters)) expect(x).toBe(student.parameters[name]);
    expect([deployed.parameterCount, deployed.macs]).toEqual([plain.parameterCount, plain.macs]);
    const head = (plain.featureCount + 2) * 2;
    expect(student.macs - plain.macs).toBe(head);
    expect(student.parameterCount - plain.parameterCount).toBe(head + 2);

    const wanted = await plain.forward(x, { extras }).data();
    const both = student.forward(x, { extras });
    expect(await both.pred.data()).toEqual(wanted);
    expect(both.teacherPred.shape).toEqual([ROWS, 2]);
    expect(await deployed.forward(x, { extras }).data()).toEqual(wanted);
    const rows = tensor(await x.data(), [ROWS, x.size / ROWS], cpu);
    expect(await plain.forward(rows, { extras }).data()).toEqual(wanted);
  });

  test('hidden layers in the head, no extras', () => {
    const model = withDualHead(trunk(cpu), { outputs: 1, headDepth: 1 });
    const n = model.featureCount;
    expect(model.parameters['teacher.0.weight']!.shape).toEqual([n, n]);
    expect(model.parameters['teacher.1.weight']!.shape).toEqual([n, 1]);
    expect(model.forward(given(image, cpu).x).teacherPred.shape).toEqual([ROWS, 1]);
  });

  test('a few steps on the GPU bring the loss down, and evaluation uses what they left', async () => {
    const backend = await gpu();
    const model = withHead(trunk(backend, 3), heads);
    const { x, extras } = given(image, backend);
    const label = tensor(noise(ROWS * 2, 9), [ROWS, 2], backend);
    // Evaluation with the initial statistics differs from training with the batch's, unless there are none.
    const start = await numbers(model.buffers);
    const optimizer = sgd(model.parameters, { learningRate: 0.05, momentum: 0.9 });
    const losses: number[] = [];
    for (let i = 0; i < 25; i++) {
      const loss = tidy(() => {
        const value = mse({ pred: model.forward(x, { extras, training: true }), label });
        optimizer.step(grad(value, Object.values(model.parameters)));
        return value;
      });
      losses.push(await loss.item());
    }
    expect(losses.at(-1)!).toBeLessThan(0.5 * losses[0]!);

    const after = await numbers(model.buffers);
    for (const [name, values] of Object.entries(start)) expect(after[name], name).not.toEqual(values);
    const evaluate = async () => [...(await model.forward(x, { extras }).data())];
    const once = await evaluate();
    expect(await evaluate()).toEqual(once);
    expect(await numbers(model.buffers)).toEqual(after);
    const trained = [...(await model.forward(x, { extras, training: true }).data())];
    // 25 steps leave 0.9^25 = 7 % of the initial statistics: near the batch's, and not the same.
    if (Object.keys(start).length > 0) expect(trained).not.toEqual(once);
    else expect(trained).toEqual(once);
    optimizer.dispose();
  }, 60_000);

  test('training is differentiable twice', async () => {
    // At numbers away from the kinks of ReLU and from ties of pooling.
    const f = (x: Tensor) => withHead(trunk(x.backend, 2), { outputs: 2 }).forward(x, { training: true });
    await checkGrads(f, [[3, ...image]]);
  });

  test('wrong inputs: the model, the argument, what was wanted, what came', () => {
    const model = withHead(trunk(cpu), heads);
    const { x, extras } = given(image, cpu);
    const name = trunk(cpu).builder.name;
    const size = image.reduce((a, b) => a * b);
    expect(() => model.forward(zeros([ROWS, 5, ...image.slice(1)], cpu), { extras })).toThrow(
      `${name}: x [4, 5, ${image[1]}, ${image[2]}]; wants images [n, ${image.join(', ')}] or rows [n, ${size}]`,
    );
    expect(() => model.forward(zeros([ROWS, 7], cpu), { extras })).toThrow(`${name}: x [4, 7]; wants`);
    expect(() => model.forward(zeros([], cpu), { extras })).toThrow(`${name}: x []; wants`);
    expect(() => model.forward(x)).toThrow(`${name}: extras are missing; wants [4, 2]`);
    expect(() => model.forward(x, { extras: zeros([ROWS, 3], cpu) })).toThrow(
      `${name}: extras [4, 3]; wants [4, 2]`,
    );
    expect(() => withHead(trunk(cpu)).forward(x, { extras })).toThrow(
      `${name}: extras [4, 2] for a network without; build it with extras: 2`,
    );
    expect(() => withHead(trunk(cpu), { outputs: 0 })).toThrow(
      `${name}: outputs is 0; wants an integer of at least 1`,
    );
    expect(() => withDualHead(trunk(cpu), { extras: -1 })).toThrow(`${name}: extras is -1; wants 0 or more`);
  });
});

describe('initial numbers', () => {
  test('follow the seed alone: not the step, not what was drawn before', async () => {
    const backend = await gpu();
    const at = async (seed: number) => numbers(kinds.resnet8!.trunk(backend, seed).builder.parameters);
    const first = await at(5);
    backend.step.begin(41);
    expect(await at(5)).toEqual(first);
    expect((await at(6))['trunk.conv.weight']).not.toEqual(first['trunk.conv.weight']);
    backend.step.reset();
    for (const [name, values] of Object.entries(
      await numbers(kinds.resnet8!.trunk(cpu, 5).builder.parameters),
    ))
      for (const [i, value] of values.entries()) expect(first[name]![i]).toBeCloseTo(value, 5);
  });

  test('have the size that the layer asks for', async () => {
    const { parameters } = resnet({ backend: cpu, outputs: 2 });
    const deviation = async (name: string) => {
      const values = await parameters[name]!.data();
      let sum = 0;
      for (const value of values) sum += value ** 2;
      return Math.sqrt(sum / values.length);
    };
    // √(2 / (64 · 9)), from 36,864 numbers: the mean of as many squares strays by √(2 / n), under 1 %.
    expect((await deviation('trunk.stage3.block1.conv2.weight')) / Math.sqrt(2 / 576)).toBeCloseTo(1, 1);
    expect(await deviation('trunk.norm.scale')).toBe(1);
    expect(await deviation('label.0.bias')).toBe(0);
    // Uniform in ±1/√64: its largest are near, and none is beyond.
    const label = await parameters['label.0.weight']!.data();
    expect(Math.max(...label.map(Math.abs))).toBeLessThanOrEqual(0.125);
  });
});

describe('running statistics', () => {
  interface Training {
    model: DualHeadModel;
    optimizer: Optimizer;
    step(): void;
  }

  function training(backend: Backend): Training {
    const model = withDualHead(kinds.resnet8!.trunk(backend, 3), heads);
    const { x, extras } = given(kinds.resnet8!.image, backend);
    const label = tensor(noise(ROWS * 2, 9), [ROWS, 2], backend);
    const optimizer = sgd(model.parameters, { learningRate: 0.05, momentum: 0.9 });
    const step = () =>
      tidy(() => {
        const { pred, teacherPred } = model.forward(x, { extras, training: true });
        const loss = add(mse({ pred, label }), mse({ pred: teacherPred, label }));
        optimizer.step(grad(loss, Object.values(model.parameters)));
      });
    return { model, optimizer, step };
  }

  test('a captured step moves them, bit for bit', async () => {
    const [eager, recorded] = [await openGpu(), await openGpu()];
    const one = training(eager);
    for (let i = 0; i < 4; i++) {
      eager.step.begin();
      one.step();
    }
    const two = training(recorded);
    const step = capture(two.step, recorded);
    for (let i = 0; i < 4; i++) step();
    expect(await numbers(two.model.buffers)).toEqual(await numbers(one.model.buffers));
    expect(await numbers(two.model.parameters)).toEqual(await numbers(one.model.parameters));
    eager.close();
    recorded.close();
  }, 60_000);

  test('a checkpoint holds them: the resumed run has the same bits', async () => {
    const backend = await gpu();
    const state = ({ model, optimizer }: Training) => ({
      parameters: { ...model.parameters, ...model.buffers },
      optimizer,
      step: backend.step,
    });
    const one = training(backend);
    one.step();
    const bytes = await saveCheckpoint(state(one));
    one.step();
    const two = training(backend);
    loadCheckpoint(state(two), bytes);
    two.step();
    expect(await numbers(state(two).parameters)).toEqual(await numbers(state(one).parameters));
    one.optimizer.dispose();
    two.optimizer.dispose();
    backend.step.reset();
  }, 60_000);

  test('numbers that are not finite leave them as they are; many update at once', async () => {
    for (const backend of [cpu, await gpu()]) {
      const buffers = Object.fromEntries(
        Array.from({ length: 9 }, (_, i) => [`b${i}`, tensor([i, 1, 2], [3], backend)]),
      );
      const update = runningStatistics(buffers, { momentum: 0.25 });
      const values = tensor([8, Infinity, NaN], [3], backend);
      update(Object.fromEntries(Object.keys(buffers).map((name) => [name, { values, factor: 2 }])));
      for (const [i, x] of Object.values(buffers).entries())
        expect([...(await x.data())]).toEqual([0.75 * i + 0.25 * 16, 1, 2]);
    }
  });

  test('a tiny momentum moves them by what float64 says, and they end where the batches are', async () => {
    for (const backend of [cpu, await gpu()]) {
      for (const [momentum, start, times] of [
        [1e-5, 0, 50],
        [1e-7, 0, 50],
        [1e-9, 0, 50],
        [1, 5, 2],
        [1e-7, 3, 300],
      ] as const) {
        const buffers = { x: tensor([start], [1], backend) };
        const update = runningStatistics(buffers, { momentum });
        for (let n = 0; n < times; n++) update({ x: { values: tensor([2], [1], backend), factor: 1.5 } });
        const wanted = 3 + (start - 3) * (1 - momentum) ** times;
        expect((await buffers.x.item()) / wanted).toBeCloseTo(1, 5);
      }
    }
    expect(() => runningStatistics({ x: zeros([1], cpu) }, { momentum: 1.5 })).toThrow(
      'runningStatistics: momentum must lie in [0, 1], got 1.5',
    );
  });

  test('memory goes with the buffers', () => {
    const backend = openCpu();
    const build = () => tidy(() => void kinds.resnet8!.trunk(backend));
    build(); // makes constants that are kept
    const { sizeBytes } = backend.stats();
    build();
    expect(backend.stats().sizeBytes).toBe(sizeBytes);
  });

  test('one number a channel has no variance: training says so', () => {
    const model = resnet({ backend: cpu, inputShape: [1, 1, 1], width: 0.1 });
    const x = zeros([1, 1, 1, 1], cpu);
    expect(model.forward(x).shape).toEqual([1, 1]);
    expect(() => model.forward(x, { training: true })).toThrow(
      'resnet8: trunk.stage1.block1.norm1: training wants more than one number a channel, got [1, 2, 1, 1]',
    );
  });
});

test('misuse of options: one clear line', () => {
  expect(() => resnetTrunk({ backend: cpu, depth: 10 })).toThrow(
    'resnet: depth is 10; wants 6n + 2: 8, 14, 20, …',
  );
  expect(() => resnetTrunk({ backend: cpu, depth: 2 })).toThrow('resnet: depth is 2');
  expect(() => resnetCifarTrunk({ backend: cpu, depth: 21 })).toThrow(
    'resnetCifar: depth is 21; wants 6n + 2: 20, 32, 44, …',
  );
  expect(() => wideResnetTrunk({ backend: cpu, depth: 20 })).toThrow('wideResnet: depth is 20; wants 6n + 4');
  expect(() => wideResnetTrunk({ backend: cpu, widening: 0 })).toThrow(
    'wideResnet: widening is 0; wants a number',
  );
  expect(() => lenetTrunk({ backend: cpu, width: 0 })).toThrow('lenet: width is 0; wants a number above 0');
  expect(() => lenetTrunk({ backend: cpu, inputShape: [1, 12, 60] })).toThrow(
    'lenet: trunk.conv2 of 5×5 gets images [20, 4, 28]; wants a larger inputShape',
  );
  expect(() => lenetTrunk({ backend: cpu, inputShape: [1, 0, 60] })).toThrow(
    'lenet: a length of inputShape [1, 0, 60] is 0; wants an integer of at least 1',
  );
});
