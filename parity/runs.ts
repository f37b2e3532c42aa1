/** The trainings that every setting repeats. */
import {
  type Activation,
  dualHead,
  type GpuBackend,
  lenetTrunk,
  mlp,
  normal,
  resnetTrunk,
  sinusoid,
  type Samples,
  type Trunk,
  uniformValues,
  withDualHead,
  withHead,
} from '../index.ts';
import type { Distillation } from './distillation.ts';

/** A convolution on a software adapter takes its time. */
const IMAGE_STEPS = 10;
const IMAGE_SHAPE: [number, number, number] = [1, 36, 60];

export interface RunDefinition {
  /** For people. */
  title: string;
  /** How many of the wanted steps are done. */
  stepsOf(wanted: number): number;
  prepare(backend: GpuBackend): Promise<Distillation>;
}

const every = (wanted: number) => wanted;
const few = (wanted: number) => Math.min(wanted, IMAGE_STEPS);

export const runs: Readonly<Record<string, RunDefinition>> = {
  'mlp-tanh': {
    title: 'sinusoid, MLP 1-64-64-1 to two heads on 1-32-32, tanh',
    stepsOf: every,
    prepare: (backend) => perceptrons(backend, 'tanh'),
  },
  'mlp-relu': {
    title: 'the same with ReLU',
    stepsOf: every,
    prepare: (backend) => perceptrons(backend, 'relu'),
  },
  lenet: {
    title: 'images of 36×60, LeNet, a quarter as wide, to two heads on an eighth',
    stepsOf: few,
    prepare: (backend) => images(backend, lenetTrunk),
  },
  resnet: {
    title: 'the same images, ResNet-8 with batch normalisation',
    stepsOf: few,
    prepare: (backend) => images(backend, resnetTrunk),
  },
};

async function perceptrons(backend: GpuBackend, activation: Activation): Promise<Distillation> {
  const { train: table } = await sinusoid(
    {
      uniform: (count, call) => uniformValues(count, { stream: 'data', call }),
      normal: (count, call) => normal([count], backend, { stream: 'noise', call, step: 0 }).data(),
    },
    { trainRows: 250, testRows: 1 },
  );
  return {
    teacher: mlp({ backend, widths: [64, 64], activation, seed: 1 }),
    student: dualHead({ backend, widths: [32, 32], activation, seed: 2 }),
    table,
    // No divisor of the rows: batches run over the end of an epoch.
    batchSize: 64,
    learningRate: 1e-2,
  };
}

/** Noise, and labels that are the brightness of a part; every fifth is off. */
async function images(backend: GpuBackend, trunk: (options: TrunkOptions) => Trunk): Promise<Distillation> {
  const [rows, inputs] = [20, IMAGE_SHAPE[1] * IMAGE_SHAPE[2]];
  const x = uniformValues(rows * inputs, { stream: 'data' }).map((u) => 2 * u - 1);
  const y = Float32Array.from({ length: rows }, (_, row) => {
    const part = x.subarray(row * inputs, row * inputs + 64);
    return part.reduce((sum, v) => sum + v, 0) / 8 + (row % 5 === 0 ? 3 : 0);
  });
  const table: Samples = { rows, inputs, outputs: 1, x, y };
  return {
    teacher: withHead(trunk({ backend, inputShape: IMAGE_SHAPE, width: 0.25, seed: 1 })),
    student: withDualHead(trunk({ backend, inputShape: IMAGE_SHAPE, width: 0.125, seed: 2 })),
    table,
    batchSize: 8,
    learningRate: 1e-3,
  };
}

interface TrunkOptions {
  backend: GpuBackend;
  inputShape: [number, number, number];
  width: number;
  seed: number;
}
