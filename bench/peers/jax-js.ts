/** jax-js on WebGPU, compiled by its `jit`; a gradient is the pullback alone, whose forward pass is not computed. */
import { readFileSync } from 'node:fs';
import { convOperands, type Operand } from '../operands.ts';
import type { Competitor, ConvWork, Job } from '../work.ts';
import { installNavigator } from './navigator.ts';

/** A function consumes the arrays that it is given; `ref` is the same array once more. */
interface JaxArray {
  readonly ref: JaxArray;
  reshape(shape: readonly number[]): JaxArray;
  blockUntilReady(): Promise<JaxArray>;
  gpuBufferSync(): GPUBuffer;
  data(): Promise<Float32Array>;
  dispose(): void;
}

type Pullback = (g: JaxArray) => [JaxArray];

/** What is used of @jax-js/jax. */
interface Jax {
  init(device: string): Promise<string[]>;
  defaultDevice(device: string): string;
  jit(f: (a: JaxArray, b: JaxArray) => JaxArray): (a: JaxArray, b: JaxArray) => JaxArray;
  vjp(f: (a: JaxArray) => JaxArray, at: [JaxArray]): [JaxArray, Pullback];
  readonly numpy: { array(values: Float32Array): JaxArray; zeros(shape: readonly number[]): JaxArray };
  readonly lax: {
    convGeneralDilated(x: JaxArray, weight: JaxArray, strides: number[], padding: string): JaxArray;
  };
}

export async function open(): Promise<Competitor> {
  const { adapter } = installNavigator();
  // Not a literal: the package is there only once the benchmark has installed it.
  const name = '@jax-js/jax';
  const jax = (await import(name)) as Jax;
  if (!(await jax.init('webgpu')).includes('webgpu')) throw new Error('its webgpu backend does not start');
  jax.defaultDevice('webgpu');
  return {
    name: `jax-js ${version()}`,
    adapter: adapter(),
    prepare: (work) => Promise.resolve(convJob(jax, work)),
  };
}

function version(): string {
  const lock = readFileSync(new URL('package-lock.json', import.meta.url), 'utf8');
  const { packages } = JSON.parse(lock) as { packages: Record<string, { version: string }> };
  return packages['node_modules/@jax-js/jax']!.version;
}

function convJob({ jit, vjp, numpy, lax }: Jax, work: ConvWork): Job {
  const operands = convOperands(work);
  const upload = ({ values, shape }: Operand) => numpy.array(values).reshape(shape);
  const x = upload(operands.x);
  const weight = upload(operands.weight);
  const gradient = upload(operands.gradient);
  const conv = (a: JaxArray, b: JaxArray) => lax.convGeneralDilated(a, b, [1, 1], 'VALID');
  // A convolution is linear in either operand, so the point where it is differentiated does not matter.
  const pullback = (f: (a: JaxArray) => JaxArray, shape: readonly number[], g: JaxArray) => {
    const [y, pull] = vjp(f, [numpy.zeros(shape)]);
    y.dispose();
    return pull(g)[0];
  };
  const passes = {
    forward: { f: jit(conv), a: x, b: weight },
    inputGradient: {
      f: jit((w, g) => pullback((a) => conv(a, w), operands.x.shape, g)),
      a: weight,
      b: gradient,
    },
    weightGradient: {
      f: jit((a, g) => pullback((w) => conv(a, w), operands.weight.shape, g)),
      a: x,
      b: gradient,
    },
  };
  const { f, a, b } = passes[work.pass];
  let last: JaxArray | undefined;
  return {
    run: () => {
      last?.dispose();
      last = f(a.ref, b.ref);
      // Arrays are lazy, and one that is dropped is never computed: asking for its buffer submits the work.
      last.ref.gpuBufferSync();
    },
    wait: async () => {
      await last!.blockUntilReady();
    },
    result: () => last!.ref.data(),
    close: () => [last, x, weight, gradient].forEach((held) => held?.dispose()),
  };
}
