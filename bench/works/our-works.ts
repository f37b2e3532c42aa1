/** The works as this library does them; nothing here needs Node. */
import { type GpuBackend, openGpu } from '../../engine/gpu/gpu.ts';
import { conv2d, conv2dWeightGrad, convTranspose2d } from '../../engine/ops/conv2d/conv2d.ts';
import { matmul } from '../../engine/ops/matmul/matmul.ts';
import { noGrad } from '../../engine/tape.ts';
import { type Tensor, tensor, tidy } from '../../engine/tensor.ts';
import { type Case, caseJob, titleOf } from './case.ts';
import { kernelCases } from './kernel-cases.ts';
import { convOperands, matmulOperands, type Operand } from './operands.ts';
import { seedsJob } from './ours-seeds.ts';
import { trainingJob } from './ours-training.ts';
import { limitCases } from '../roofline.ts';
import type { CaseWork, Competitor, ConvWork, Job, MatmulWork, Work } from './work.ts';

const FAMILIES: Readonly<Record<CaseWork['family'], (options: { quick: boolean }) => Case[]>> = {
  limits: limitCases,
  kernels: kernelCases,
};

/** One way to do the works: with 'native' mathematics, a loss 'composed', a step 'captured' or 'eager'. */
export async function openOurs(name: string, variant: string): Promise<Competitor> {
  const gpu = await openGpu({ math: variant === 'native' ? 'native' : 'portable' });
  return {
    name,
    adapter: gpu.name,
    prepare: (work) => Promise.resolve(jobFor(gpu, work, variant)),
    close: () => gpu.close(),
  };
}

function jobFor(gpu: GpuBackend, work: Work, variant: string): Job {
  if (work.kind === 'conv') return convJob(gpu, work);
  if (work.kind === 'matmul') return matmulJob(gpu, work);
  if (work.kind === 'training') return trainingJob(gpu, work, variant);
  if (work.kind === 'seeds') return seedsJob(gpu, work, variant);
  const found = FAMILIES[work.family](work).find((one) => titleOf(one) === work.title);
  if (!found) throw new Error(`no case '${work.title}' among the ${work.family}`);
  return caseJob(gpu, found, variant);
}

function convJob(gpu: GpuBackend, work: ConvWork): Job {
  const operands = convOperands(work);
  const x = upload(gpu, operands.x);
  const weight = upload(gpu, operands.weight);
  const gradient = upload(gpu, operands.gradient);
  const size = [work.kernel, work.kernel] as const;
  const passes = {
    forward: () => conv2d(x, weight),
    inputGradient: () => convTranspose2d(gradient, weight),
    weightGradient: () => conv2dWeightGrad(x, gradient, size),
  };
  return jobOf(passes[work.pass], [x, weight, gradient]);
}

function matmulJob(gpu: GpuBackend, work: MatmulWork): Job {
  const operands = matmulOperands(work);
  const a = upload(gpu, operands.a);
  const b = upload(gpu, operands.b);
  return jobOf(() => matmul(a, b), [a, b]);
}

function upload(gpu: GpuBackend, { values, shape }: Operand): Tensor {
  return tensor(values, shape, gpu);
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
