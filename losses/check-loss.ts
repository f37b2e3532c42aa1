/** Holds a loss to its definition: gradients, both backends, and the fused kernel against the composed meaning. */
import {
  checkBackends,
  type CheckBackendsOptions,
  checkGrads,
  compareValues,
  tensorsOf,
  wantedOf,
} from '../engine/check.ts';
import { openGpu } from '../engine/gpu.ts';
import { grad } from '../engine/grad.ts';
import { mul } from '../engine/ops/elementwise.ts';
import { type Input, mask, spread } from '../engine/samples.ts';
import type { Shape } from '../engine/shape.ts';
import type { Tensor } from '../engine/tensor.ts';
import type { Loss } from './loss.ts';

export interface CheckLossOptions extends Pick<CheckBackendsOptions, 'backend'> {
  params?: Readonly<Record<string, number>>;
  /** Shape of every input, [7, 3] unless given: more than a workgroup's vec4, and no multiple of it. */
  shape?: Shape;
  /** Inputs by name instead of the sampled ones: for a loss whose kinks these meet. */
  inputs?: Readonly<Record<string, Input>>;
}

/**
 * Gradients of order 1 and 2 of the composed meaning against finite differences; the fused kernel against the meaning, in
 * value and gradient; value and gradients on the GPU against the float64 backend. Without `backend` a GPU
 * is opened, and closed in the end.
 *
 * @throws if any of them differ; the message says what, where and by how much. AdapterError without an adapter.
 */
export async function checkLoss(
  loss: Loss,
  { params = {}, shape = [7, 3], inputs: given = {}, backend }: CheckLossOptions = {},
): Promise<void> {
  const inputs = lossInputs(loss, shape, given);
  const f = (...xs: Tensor[]) => loss(named(loss, xs), params);
  const gpu = backend ?? (await openGpu());
  try {
    await checkGrads(f, inputs);
    const xs = tensorsOf(inputs, gpu);
    const [fused, composed] = [loss(named(loss, xs), params), loss.composed(named(loss, xs), params)];
    compareValues('fused value', await fused.data(), await composed.data(), 2e-6);
    const wanted = wantedOf(xs);
    for (const scale of [1, -2.5]) {
      const got = grad(mul(fused, scale), wanted, { allowUnused: true });
      const meant = grad(mul(composed, scale), wanted, { allowUnused: true });
      for (const [i, gradient] of got.entries()) {
        const name = loss.definition.inputs[xs.indexOf(wanted[i]!)]!;
        compareValues(`fused gradient by ${name}`, await gradient.data(), await meant[i]!.data(), 2e-6);
      }
    }
    // The slope of a square root is up to 1/(2√eps), 16 at the default of `tor`: so are the errors.
    await checkBackends(f, inputs, { backend: gpu, tolerance: 2e-5 });
  } finally {
    if (!backend) gpu.close();
  }
}

/** Sampled inputs of a loss: `wrt` are differentiated, the others are constants, `outlier` is 0 or 1. */
export function lossInputs(
  { definition }: Loss,
  shape: Shape,
  given: Readonly<Record<string, Input>> = {},
): Input[] {
  const { inputs, wrt = ['pred'] } = definition;
  return inputs.map((key, i) => ({
    ...(given[key] ?? (key === 'outlier' ? mask(shape) : spread(shape, i))),
    isConstant: !wrt.includes(key),
  }));
}

/** Tensors in the order of a loss's inputs, by their names. */
export function named(loss: Loss, xs: readonly Tensor[]): Record<string, Tensor> {
  return Object.fromEntries(loss.definition.inputs.map((key, i) => [key, xs[i]!]));
}
