/** jax-js on WebGPU, compiled by its `jit`; a gradient is the pullback alone, whose forward pass is not computed. */
import { readFileSync } from 'node:fs';
import { convOperands, matmulOperands, type Operand } from '../works/operands.ts';
import type { Competitor, ConvWork, Job, MatmulWork, Work } from '../works/work.ts';
import type { Jax, JaxArray } from './jax-core.ts';
import { trainingJob } from './jax-training.ts';
import { installNavigator } from './navigator.ts';

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
    prepare: (work) => Promise.resolve(jobFor(jax, work)),
  };
}

function version(): string {
  const lock = readFileSync(new URL('package-lock.json', import.meta.url), 'utf8');
  const { packages } = JSON.parse(lock) as { packages: Record<string, { version: string }> };
  return packages['node_modules/@jax-js/jax']!.version;
}

function jobFor(jax: Jax, work: Work): Job {
  if (work.kind === 'conv') return convJob(jax, work);
  if (work.kind === 'matmul') return matmulJob(jax, work);
  if (work.kind === 'training') return trainingJob(jax, work);
  throw new Error(`it has no work of the kind '${work.kind}'`);
}

function matmulJob({ jit, numpy }: Jax, work: MatmulWork): Job {
  const { a, b } = matmulOperands(work);
  const upload = ({ values, shape }: Operand) => numpy.array(values).reshape(shape);
  return jobOf(
    jit((x: JaxArray, y: JaxArray) => numpy.matmul(x, y)),
    [upload(a), upload(b)],
  );
}

function convJob({ jit, vjp, numpy, lax }: Jax, work: ConvWork): Job {
  const operands = convOperands(work);
  const upload = ({ values, shape }: Operand) => numpy.array(values).reshape(shape);
  const conv = (a: JaxArray, b: JaxArray) => lax.convGeneralDilated(a, b, [1, 1], 'VALID');
  // A convolution is linear in either operand, so the point where it is differentiated does not matter.
  const pullback = (f: (a: JaxArray) => JaxArray, shape: readonly number[], g: JaxArray) => {
    const [y, pull] = vjp(f, [numpy.zeros(shape)]);
    y.dispose();
    return pull(g)[0];
  };
  const { x, weight, gradient } = operands;
  const passes = {
    forward: { f: conv, given: [x, weight] },
    inputGradient: {
      f: (w: JaxArray, g: JaxArray) => pullback((a) => conv(a, w), x.shape, g),
      given: [weight, gradient],
    },
    weightGradient: {
      f: (a: JaxArray, g: JaxArray) => pullback((w) => conv(a, w), weight.shape, g),
      given: [x, gradient],
    },
  };
  const { f, given } = passes[work.pass];
  return jobOf(jit(f), [upload(given[0]!), upload(given[1]!)]);
}

function jobOf(f: (a: JaxArray, b: JaxArray) => JaxArray, [a, b]: readonly [JaxArray, JaxArray]): Job {
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
    close: () => [last, a, b].forEach((held) => held?.dispose()),
  };
}
