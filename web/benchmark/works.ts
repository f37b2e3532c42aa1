/** Which kernels a quick run measures, at their real sizes, and for how long each is measured. */
import type { Entry } from '../../bench/contest.ts';
import type { MeasureOptions } from '../../bench/harness.ts';
import { KERNEL_MEASURING, kernelEntries } from '../../bench/kernel-suite.ts';
import { workOf } from '../../bench/report/report.ts';
import type { Scope } from './protocol.ts';

/** One or two of every kind, none of which takes long on a processor; a test holds them to those of the suite. */
export const QUICK: readonly string[] = [
  'add, 1024×1024, 1024×1024',
  'exp, 1024×1024',
  'gelu, 1024×1024',
  'sum of everything, 1024×1024',
  'sum of columns, 1024×1024',
  'softmax, 1024×1000',
  'batchNormTraining, 16×64×32×32, 64, 64',
  'maxPool2d, 32×20×32×56, 2×2',
  'matmul, 512×512 by 512×512',
  'linear, relu, 256×100 by 100×100',
  'conv2d, 32×20×14×26 → 50, 5×5',
  'adam, 1048576 parameters',
  'tor, value and gradients, 100000',
];

/** In the order of the suite. A quick run leaves native mathematics out, which takes a second device. */
export function worksOf(scope: Scope): Entry[] {
  const all = kernelEntries({ quick: false });
  if (scope === 'full') return all;
  return all
    .filter((entry) => QUICK.includes(workOf(entry)))
    .map((entry) => ({ ...entry, variants: entry.variants?.filter((way) => way !== 'native') }));
}

/** Browsers round the adapter's clock to 0.1 ms: of the shorter sample that is half a percent. */
export const MEASURING: Readonly<Record<Scope, MeasureOptions>> = {
  quick: { sampleMs: 20, rounds: 5, budgetMs: 600 },
  full: KERNEL_MEASURING,
};
