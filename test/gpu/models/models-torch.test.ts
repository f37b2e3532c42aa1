/** Image networks against PyTorch in float64: outputs, gradients, running statistics, sizes. */
import { describe, expect, test } from 'vitest';
import type { Backend } from '../../../engine/backend.ts';
import { grad } from '../../../engine/grad.ts';
import { mul } from '../../../engine/ops/pointwise/elementwise.ts';
import { sum } from '../../../engine/ops/reduce/sum.ts';
import { type Shape, sizeOf } from '../../../engine/shape.ts';
import { type Tensor, tensor } from '../../../engine/tensor.ts';
import { lenet } from '../../../models/lenet.ts';
import { mobilenet, type MobileNetStage } from '../../../models/mobilenet.ts';
import type { Model } from '../../../models/model.ts';
import { mobilenetV2 } from '../../../models/mobilenetv2.ts';
import { resnet } from '../../../models/resnet.ts';
import { resnetCifar } from '../../../models/resnet-cifar.ts';
import { wideResnet } from '../../../models/wide-resnet.ts';
import { cpu, gpu } from '../../backends.ts';
import { compareValues } from '../../check.ts';
import fixture from '../../fixtures/models.json' with { type: 'json' };

/** As in fixtures/models.py. */
function pattern(shape: Shape, salt: number): Float64Array {
  return Float64Array.from(
    { length: sizeOf(shape) },
    (_, i) => ((7919 * i + 104729 * salt + 13 * i * i) % 10007) / 5003.5 - 1,
  );
}

const stages = (rows: [number, number, number, number][]): MobileNetStage[] =>
  rows.map(([expansion, channels, blocks, stride]) => ({ expansion, channels, blocks, stride }));

const gaze = { outputs: 2, extras: 2 };
const tiny = stages([
  [1, 8, 1, 1],
  [2, 16, 2, 2],
]);
const narrow: Readonly<Record<string, (backend: Backend) => Model>> = {
  lenet: (backend) => lenet({ backend, inputShape: [1, 18, 16], width: 0.1, ...gaze }),
  resnet8: (backend) => resnet({ backend, inputShape: [1, 8, 9], width: 0.125, ...gaze }),
  'resnet-cifar8': (backend) =>
    resnetCifar({ backend, depth: 8, inputShape: [3, 8, 7], width: 0.125, outputs: 3 }),
  'wrn-10-2': (backend) =>
    wideResnet({ backend, depth: 10, inputShape: [3, 8, 7], width: 0.125, outputs: 3 }),
  mobilenet: (backend) => mobilenet({ backend, inputShape: [2, 12, 11], first: 8, stages: tiny, last: 8 }),
};

interface Run {
  name: string;
  shape: number[];
  extras: number;
  training: number[];
  evaluation: number[];
  gradients: Readonly<Record<string, number[] | undefined>>;
  buffers: Readonly<Record<string, number[] | undefined>>;
}

// The fixture has ten digits. The GPU errs by some units of 2^-24 of the largest number: `checkBackends` says why; a network has more
// sums one behind another than its cases.
const backends: [string, () => Promise<Backend>, number][] = [
  ['CPU, to 1e-8', async () => cpu, 1e-8],
  ['GPU, to 6e-6', gpu, 6e-6],
];

describe.each(backends)('%s', (_, open, tolerance) => {
  test.each(fixture.runs as Run[])('$name', async ({ name, ...run }) => {
    const backend = await open();
    const model = narrow[name]!(backend);
    const names = Object.keys(model.parameters).sort();
    expect(names).toEqual(Object.keys(run.gradients).sort());
    expect(Object.keys(model.buffers).sort()).toEqual(Object.keys(run.buffers).sort());
    for (const [salt, key] of names.entries()) {
      const base = key.endsWith('scale') ? 1 : 0;
      const { binding, shape } = model.parameters[key]!;
      backend.upload(
        binding,
        pattern(shape, salt).map((u) => base + 0.5 * u),
        'f32',
      );
    }
    const given = (shape: Shape, salt: number) => tensor(pattern(shape, salt), shape, backend);
    const x = given(run.shape, 101);
    const extras = run.extras > 0 ? given([run.shape[0]!, run.extras], 102) : undefined;

    const pred = model.forward(x, { extras, training: true });
    compareValues('training', await pred.data(), Float64Array.from(run.training), tolerance);
    const gradients = grad(
      sum(mul(pred, given(pred.shape, 103))),
      names.map((key) => model.parameters[key]!),
    );
    for (const [i, key] of names.entries()) {
      compareValues(key, await gradients[i]!.data(), Float64Array.from(run.gradients[key]!), tolerance);
    }
    await compareAll(model.buffers, run.buffers, tolerance);
    const evaluated = await model.forward(x, { extras }).data();
    compareValues('evaluation', evaluated, Float64Array.from(run.evaluation), tolerance);
    await compareAll(model.buffers, run.buffers, tolerance);
  });
});

async function compareAll(
  tensors: Readonly<Record<string, Tensor>>,
  wanted: Run['buffers'],
  tolerance: number,
): Promise<void> {
  for (const [key, x] of Object.entries(tensors))
    compareValues(key, await x.data(), Float64Array.from(wanted[key]!), tolerance);
}

/** On the GPU, which is quicker at millions of normal numbers. */
const full: Readonly<Record<string, (backend: Backend) => Model>> = {
  lenet: (backend) => lenet({ backend, ...gaze }),
  resnet8: (backend) => resnet({ backend, ...gaze }),
  resnet14: (backend) => resnet({ backend, depth: 14, ...gaze }),
  resnet20: (backend) => resnet({ backend, depth: 20, ...gaze }),
  'resnet20-cifar': (backend) => resnet({ backend, depth: 20, inputShape: [3, 32, 32], outputs: 10 }),
  ...Object.fromEntries(
    [20, 32, 44, 56].map((depth) => [
      `resnet-cifar${depth}`,
      (backend: Backend) => resnetCifar({ backend, depth, outputs: 10 }),
    ]),
  ),
  ...Object.fromEntries(
    [
      [16, 1],
      [16, 2],
      [40, 1],
      [40, 2],
    ].map(([depth, widening]) => [
      `wrn-${depth}-${widening}`,
      (backend: Backend) => wideResnet({ backend, depth, widening, outputs: 100 }),
    ]),
  ),
  'mobilenetv2:0.5': (backend) => mobilenetV2({ backend, width: 0.5, outputs: 100 }),
  mobilenet: (backend) => mobilenet({ backend, ...gaze }),
  'mobilenet-paper': (backend) =>
    mobilenet({
      backend,
      inputShape: [3, 224, 224],
      outputs: 1000,
      first: 32,
      last: 1280,
      stages: stages([
        [1, 16, 1, 1],
        [6, 24, 2, 2],
        [6, 32, 3, 2],
        [6, 64, 4, 2],
        [6, 96, 3, 1],
        [6, 160, 3, 2],
        [6, 320, 1, 1],
      ]),
    }),
};

test.each(fixture.counts)(
  'size of $name: $parameters parameters, $macs macs',
  async ({ name, parameters, macs }) => {
    const model = full[name]!(await gpu());
    expect([model.parameterCount, model.macs]).toEqual([parameters, macs]);
  },
);

test('the sizes are the published ones', () => {
  const counts = new Map(fixture.counts.map(({ name, parameters, macs }) => [name, { parameters, macs }]));
  // hysts/pytorch_mpiigaze, by its layers.
  expect(counts.get('lenet')!.parameters).toBe(1_827_076);
  expect(counts.get('resnet8')!.parameters).toBe(77_046);
  // As stated for CIFAR's ResNet-20 with projections (40.81 M), for MobileNetV2 by torchvision and by its paper (300 M).
  expect(counts.get('resnet20-cifar')!.macs / 1e6).toBeCloseTo(40.81, 2);
  expect(counts.get('mobilenet-paper')!.parameters).toBe(3_504_872);
  // Table 6 of He et al. 2016, in millions; the exact number is that of the networks of ten classes.
  const millions = (name: string) => Math.round(counts.get(name)!.parameters / 1e4) / 100;
  expect([20, 32, 44, 56].map((depth) => millions(`resnet-cifar${depth}`))).toEqual([0.27, 0.46, 0.66, 0.85]);
  expect(counts.get('resnet-cifar20')!.parameters).toBe(269_722);
  // As the literature on distillation states them for CIFAR-100.
  expect(counts.get('wrn-16-1')!.parameters).toBe(180_916);
  expect(counts.get('wrn-16-2')!.parameters).toBe(703_284);
  expect(counts.get('wrn-40-1')!.parameters).toBe(569_780);
  expect(counts.get('wrn-40-2')!.parameters).toBe(2_255_156);
  expect(counts.get('mobilenetv2:0.5')!.parameters).toBe(812_836);
  expect(Math.round(counts.get('mobilenet-paper')!.macs / 1e6)).toBe(301);
});
