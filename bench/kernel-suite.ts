/** The suite `kernels`: every kernel by itself, and the limits that it is held against. */
import { titleOf } from './works/case.ts';
import type { Remote } from './competitor.ts';
import type { Entry } from './contest.ts';
import type { MeasureOptions } from './harness.ts';
import { kernelCases } from './works/kernel-cases.ts';
import { measureRoofline, type Roofline } from './roofline.ts';

export const KERNEL_MEASURING: MeasureOptions = { sampleMs: 40, rounds: 9, budgetMs: 2500 };

export function kernelEntries({ quick }: { quick: boolean }): Entry[] {
  return kernelCases({ quick }).map(({ name, shape, flops, bytes, variants = [], goal }) => ({
    name,
    shape,
    work: { kind: 'case', family: 'kernels', title: titleOf({ name, shape }), quick },
    flops,
    bytes,
    variants: ['', ...variants],
    variantGoal: goal,
  }));
}

export function adapterLimits(
  remote: Remote,
  {
    quick,
    isShort = quick,
    note,
  }: {
    /** Small shapes, which say nothing of the adapter. */
    quick: boolean;
    /** Few samples. */
    isShort?: boolean;
    note: (line: string) => void;
  },
): Promise<Roofline> {
  // Many short samples: the best of them is wanted, and whatever else the machine does lasts longer than one.
  return measureRoofline(remote, {
    quick,
    note,
    sampleMs: 10,
    rounds: isShort ? 3 : 15,
    budgetMs: isShort ? 300 : 1500,
  });
}
