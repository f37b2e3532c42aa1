/** The public checks with the tests' own GPU. */
import * as check from '../engine/check/check.ts';
import type { Input } from '../engine/check/samples.ts';
import type { Shape } from '../engine/shape.ts';
import { gpu } from './backends.ts';

export { checkGrads, tensorsOf, wantedOf } from '../engine/check/check.ts';
export { compareValues } from '../engine/check/difference.ts';
export { noise } from '../kernels/random/random-host.ts';

/** `checkBackends` against the GPU that the tests share. */
export async function checkBackends(
  f: check.Differentiable,
  inputs: readonly (Shape | Input)[],
  options: Omit<check.CheckBackendsOptions, 'backend'> = {},
): Promise<void> {
  await check.checkBackends(f, inputs, { ...options, backend: await gpu() });
}
