/**
 * TensorFlow.js on WebGPU or WebAssembly. Its layout is NHWC; a gradient of a convolution is the one kernel that its own
 * `grad` would run.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { require as load } from 'tsx/cjs/api';
import { convOperands, matmulOperands, type Operand, permuted } from '../works/operands.ts';
import type { Competitor, ConvWork, Job, MatmulWork, Work } from '../works/work.ts';
import { installNavigator } from './navigator.ts';
import { HWIO, NCHW, NHWC, OIHW, type TensorFlow, type TfTensor } from './tfjs-core.ts';
import { trainingJob } from './tfjs-training.ts';

export async function open(variant = 'webgpu'): Promise<Competitor> {
  const navigator = variant === 'webgpu' ? installNavigator() : undefined;
  // Not literals: the packages are there only once the benchmark has installed them.
  const [core, backend] = ['@tensorflow/tfjs-core', `@tensorflow/tfjs-backend-${variant}`];
  const tf = (await import(core!)) as TensorFlow;
  registerGradients();
  const { setWasmPaths } = (await import(backend!)) as { setWasmPaths?: (folder: string) => void };
  setWasmPaths?.(join(dirname(createRequire(import.meta.url).resolve(backend!)), '/'));
  if (!(await tf.setBackend(variant))) throw new Error(`its ${variant} backend does not start`);
  return {
    name: `tfjs ${variant} ${tf.version_core}`,
    adapter: navigator?.adapter(),
    prepare: (work) => Promise.resolve(jobFor(tf, work)),
  };
}

/**
 * Its file for Node comes without gradients. Those among its sources go to the same registry, which is a global; they are
 * written for a bundler, and resolve as tsx does it for `require`.
 */
function registerGradients(): void {
  const path = 'node_modules/@tensorflow/tfjs-core/dist/register_all_gradients.js';
  load(fileURLToPath(new URL(path, import.meta.url)), import.meta.url);
}

function jobFor(tf: TensorFlow, work: Work): Job {
  if (work.kind === 'conv') return convJob(tf, work);
  if (work.kind === 'matmul') return matmulJob(tf, work);
  if (work.kind === 'training') return trainingJob(tf, work);
  throw new Error(`it has no work of the kind '${work.kind}'`);
}

function matmulJob(tf: TensorFlow, work: MatmulWork): Job {
  const operands = matmulOperands(work);
  const a = tf.tensor(operands.a.values, operands.a.shape);
  const b = tf.tensor(operands.b.values, operands.b.shape);
  return jobOf(
    tf,
    () => tf.matMul(a, b),
    [a, b],
    async (c) => c.data(),
  );
}

function convJob(tf: TensorFlow, work: ConvWork): Job {
  const operands = convOperands(work);
  const upload = (operand: Operand, order: readonly number[]) => {
    const { values, shape } = permuted(operand, order);
    return tf.tensor(values, shape);
  };
  const x = upload(operands.x, NHWC);
  const filter = upload(operands.weight, HWIO);
  const dy = upload(operands.gradient, NHWC);
  const attributes = { strides: [1, 1], pad: 'valid', dataFormat: 'NHWC' };
  const engine = tf.engine();
  const passes = {
    forward: () => tf.conv2d(x, filter, 1, 'valid'),
    inputGradient: () =>
      engine.runKernel('Conv2DBackpropInput', { dy, filter }, { ...attributes, inputShape: x.shape }),
    weightGradient: () =>
      engine.runKernel('Conv2DBackpropFilter', { x, dy }, { ...attributes, filterShape: filter.shape }),
  };
  const order = work.pass === 'weightGradient' ? OIHW : NCHW;
  return jobOf(tf, passes[work.pass], [x, filter, dy], async (y) => {
    return permuted({ values: await y.data(), shape: y.shape }, order).values;
  });
}

function jobOf(
  tf: TensorFlow,
  f: () => TfTensor,
  operands: readonly TfTensor[],
  resultOf: (y: TfTensor) => Promise<Float32Array>,
): Job {
  let last: TfTensor | undefined;
  return {
    run: () => {
      last?.dispose();
      last = f();
    },
    wait: async () => {
      const { shape } = last!;
      const corner = tf.slice(
        last!,
        shape.map(() => 0),
        shape.map(() => 1),
      );
      await corner.data();
      corner.dispose();
    },
    result: () => resultOf(last!),
    close: () => [last, ...operands].forEach((held) => held?.dispose()),
  };
}
