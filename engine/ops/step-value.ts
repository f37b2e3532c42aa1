/** A number of the step buffer, such as a scheduled loss weight, as a scalar tensor. */
import { readStep } from '../../kernels/training/batch.ts';
import type { Backend } from '../backend.ts';
import { checkBackend, inWords } from '../borders.ts';
import { dispatch } from '../dispatch.ts';
import type { StepSlot } from '../step.ts';
import type { Tensor } from '../tensor.ts';

/**
 * The value in this step of a slot that `backend.step.slot(schedule)` gave, as a scalar tensor: a scheduled number in ops,
 * `mul(loss, stepValue(weight, backend))`, which a captured step reads anew each time. No gradient.
 */
export function stepValue(slot: StepSlot, backend: Backend): Tensor {
  if (!Number.isInteger(slot?.index))
    throw new Error(`stepValue: wants what backend.step.slot(…) gives, got ${inWords(slot)}`);
  checkBackend('stepValue', backend);
  const { index } = slot;
  return dispatch(readStep, {
    inputs: {},
    uniforms: { slot: index },
    outputs: { y: [] },
    workgroups: 1,
    backend,
  }).y;
}
