/** A loss and its derivative over one input: the meaning in float64, the fused kernel on the GPU. */
import type { Backend } from '../../engine/backend.ts';
import { openCpu } from '../../engine/cpu.ts';
import { grad } from '../../engine/grad.ts';
import { sum } from '../../engine/ops/reduce/sum.ts';
import { type Tensor, tensor, tidy } from '../../engine/tensor.ts';
import type { Loss, LossFunction } from '../../losses/loss.ts';
import type { Curve, CurveRequest, Curves } from './protocol.ts';

const POINTS = 241;

export async function curvesOf(
  loss: Loss,
  request: CurveRequest,
  { gpu }: { gpu: Backend | undefined },
): Promise<Curves> {
  const { along, from, to } = request;
  const x = Float32Array.from({ length: POINTS }, (_, i) => from + ((to - from) * i) / (POINTS - 1));
  const { inputs } = loss.definition;
  return {
    along,
    x,
    composed: await curveOf(loss.composed, { inputs, x, request, backend: openCpu() }),
    fused: gpu && (await curveOf(loss, { inputs, x, request, backend: gpu })),
  };
}

/** Every point is a mean of its own, so that values come singly. */
async function curveOf(
  f: LossFunction,
  {
    inputs,
    x,
    request,
    backend,
  }: { inputs: readonly string[]; x: Float32Array; request: CurveRequest; backend: Backend },
): Promise<Curve> {
  const { along, others } = request;
  const [value, slope] = tidy((): [Tensor, Tensor] => {
    const given = inputs.map((key) => {
      const values = key === along ? x : new Float32Array(x.length).fill(others[key] ?? 0);
      return [key, tensor(values, [x.length], backend, { requiresGrad: key === along })] as const;
    });
    const tensors = Object.fromEntries(given);
    const each = f(tensors, {}, { leadingAxes: 1 });
    const [derivative] = grad(sum(each), [tensors[along]!], { allowUnused: true });
    return [each, derivative!];
  });
  try {
    return { value: await value.data(), slope: await slope.data() };
  } finally {
    value.dispose();
    slope.dispose();
  }
}
