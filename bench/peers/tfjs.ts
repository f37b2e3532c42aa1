/** TensorFlow.js on WebGPU. Its layout is NHWC; a gradient is the one kernel that its own `grad` would run. */
import { convOperands, type Operand, permuted } from '../operands.ts';
import type { Competitor, ConvWork, Job } from '../work.ts';
import { installNavigator } from './navigator.ts';

interface TfTensor {
  readonly shape: number[];
  data(): Promise<Float32Array>;
  dispose(): void;
}

/** What is used of @tensorflow/tfjs-core. */
interface TensorFlow {
  readonly version_core: string;
  setBackend(name: string): Promise<boolean>;
  tensor(values: Float32Array, shape: readonly number[]): TfTensor;
  slice(x: TfTensor, begin: readonly number[], size: readonly number[]): TfTensor;
  conv2d(x: TfTensor, filter: TfTensor, strides: number, pad: string): TfTensor;
  engine(): {
    runKernel(name: string, inputs: Record<string, TfTensor>, attributes: Record<string, unknown>): TfTensor;
  };
}

const NHWC = [0, 2, 3, 1];
const NCHW = [0, 3, 1, 2];
/** Filters: (outputs, c, k, k) to (k, k, c, outputs) and back. */
const HWIO = [2, 3, 1, 0];
const OIHW = [3, 2, 0, 1];

export async function open(): Promise<Competitor> {
  const { adapter } = installNavigator();
  // Not literals: the packages are there only once the benchmark has installed them.
  const [core, backend] = ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-webgpu'];
  const tf = (await import(core!)) as TensorFlow;
  await import(backend!);
  if (!(await tf.setBackend('webgpu'))) throw new Error('its webgpu backend does not start');
  return {
    name: `tfjs webgpu ${tf.version_core}`,
    adapter: adapter(),
    prepare: (work) => Promise.resolve(convJob(tf, work)),
  };
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
  let last: TfTensor | undefined;
  return {
    run: () => {
      last?.dispose();
      last = passes[work.pass]();
    },
    wait: async () => {
      const corner = tf.slice(last!, [0, 0, 0, 0], [1, 1, 1, 1]);
      await corner.data();
      corner.dispose();
    },
    result: async () => {
      const order = work.pass === 'weightGradient' ? OIHW : NCHW;
      return permuted({ values: await last!.data(), shape: last!.shape }, order).values;
    },
    close: () => [last, x, filter, dy].forEach((held) => held?.dispose()),
  };
}
