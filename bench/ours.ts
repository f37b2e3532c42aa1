/** This library as a competitor. */
import { openGpu, type GpuBackend } from '../engine/gpu.ts';
import { conv2d, conv2dWeightGrad, convTranspose2d } from '../engine/ops/conv2d.ts';
import { noGrad } from '../engine/tape.ts';
import { type Tensor, tensor, tidy } from '../engine/tensor.ts';
import { packageVersion } from '../train/version.ts';
import { convOperands, type Operand } from './operands.ts';
import type { Competitor, ConvWork, Job } from './work.ts';

export async function open(): Promise<Competitor> {
  const gpu = await openGpu();
  return {
    name: `limbeck ${packageVersion()}`,
    adapter: gpu.name,
    prepare: (work) => Promise.resolve(convJob(gpu, work)),
  };
}

function convJob(gpu: GpuBackend, work: ConvWork): Job {
  const operands = convOperands(work);
  const upload = ({ values, shape }: Operand) => tensor(values, shape, gpu);
  const x = upload(operands.x);
  const weight = upload(operands.weight);
  const gradient = upload(operands.gradient);
  const size = [work.kernel, work.kernel] as const;
  const passes = {
    forward: () => conv2d(x, weight),
    inputGradient: () => convTranspose2d(gradient, weight),
    weightGradient: () => conv2dWeightGrad(x, gradient, size),
  };
  return jobOf(passes[work.pass], [x, weight, gradient]);
}

function jobOf(f: () => Tensor, operands: readonly Tensor[]): Job {
  let last: Tensor | undefined;
  return {
    run: () => {
      last?.dispose();
      last = noGrad(() => tidy(f));
    },
    wait: async () => {
      await last!.backend.read({ ...last!.binding, size: 1 }, 'f32');
    },
    result: async () => Float32Array.from(await last!.data()),
    close: () => [last, ...operands].forEach((held) => held?.dispose()),
  };
}
