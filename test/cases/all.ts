/** Every op described once, by family; tests and benches derive from it. */
import type { OpCase, OpFamily } from './case.ts';
import { elementwiseFamily } from './elementwise.ts';
import { matmulFamily } from './matmul.ts';
import { movementFamily } from './movement.ts';
import { reduceFamily } from './reduce.ts';

const families: readonly OpFamily[] = [elementwiseFamily, reduceFamily, movementFamily, matmulFamily];

export const opCases: readonly OpCase[] = families.flatMap(({ cases }) => cases);

/** What the cases must cover: everything that these modules export and that maps tensors to a tensor. */
export const opExports: Readonly<Record<string, unknown>> = Object.assign(
  {},
  ...families.map(({ exports }) => exports),
) as Record<string, unknown>;
