/** Every op described once, by family; tests and benches derive from it. */
import { activationFamily } from './activations.ts';
import type { OpCase, OpFamily } from './case.ts';
import { alongFamily } from './along.ts';
import { convFamily } from './conv.ts';
import { elementwiseFamily } from './elementwise.ts';
import { matmulFamily } from './matmul.ts';
import { movementFamily } from './movement.ts';
import { normalizeFamily } from './normalize.ts';
import { orderFamily } from './order.ts';
import { poolFamily } from './pool.ts';
import { reduceFamily } from './reduce.ts';
import { resizeFamily } from './resize.ts';
import { softmaxFamily } from './softmax.ts';

const families: readonly OpFamily[] = [
  elementwiseFamily,
  activationFamily,
  reduceFamily,
  softmaxFamily,
  normalizeFamily,
  movementFamily,
  alongFamily,
  orderFamily,
  matmulFamily,
  convFamily,
  poolFamily,
  resizeFamily,
];

export const opCases: readonly OpCase[] = families.flatMap(({ cases }) => cases);

/** What the cases must cover: everything that these modules export and that maps tensors to a tensor. */
export const opExports: Readonly<Record<string, unknown>> = Object.assign(
  {},
  ...families.map(({ exports }) => exports),
) as Record<string, unknown>;
