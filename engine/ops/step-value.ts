/** A number of the step buffer, such as a scheduled loss weight, as a scalar tensor. */
import { readStep } from '../../kernels/training/batch.ts';
import type { Backend } from '../backend.ts';
import { dispatch } from '../dispatch.ts';
import type { StepSlot } from '../step.ts';
import type { Tensor } from '../tensor.ts';

/** The slot's value in this step. No gradient. */
export function stepValue({ index }: StepSlot, backend: Backend): Tensor {
  return dispatch(readStep, {
    inputs: {},
    uniforms: { slot: index },
    outputs: { y: [] },
    workgroups: 1,
    backend,
  }).y;
}
