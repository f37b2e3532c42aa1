/** Several losses as one. */
import { add } from '../engine/ops/pointwise/elementwise.ts';
import type { Tensor } from '../engine/tensor.ts';

/** Their sum, of losses of one shape. */
export function total(losses: readonly Tensor[]): Tensor {
  return losses.reduce((sum, loss) => add(sum, loss));
}
