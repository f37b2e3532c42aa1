/** From the features of one network to as many as another has: trained with a student, and dropped. */
import { reshape, transpose } from '../../engine/ops/movement/movement.ts';
import type { Shape } from '../../engine/shape.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { featureRows } from '../../models/hint-regressor.ts';
import type { Named } from '../../models/parameters.ts';
import type { TrainingContext } from '../context.ts';

export interface Connector {
  readonly parameters: Named;
  run(x: Tensor): Tensor;
}

/**
 * A linear layer, of maps a 1×1 convolution, between what two blocks put out for one sample; nothing at all where they have
 * equally many features.
 *
 * @param index Which of the training's regressors: random numbers of its own.
 */
export function connector(
  context: TrainingContext,
  index: number,
  { from, to }: { readonly from: Shape; readonly to: Shape },
): Connector {
  const [inputs = 0, ...place] = from;
  const [outputs = 0] = to;
  if (inputs === outputs) return { parameters: {}, run: (x) => x };
  const { parameters, forward } = context.network('regressor', { inputs, outputs, widths: [] }, index);
  if (place.length === 0) return { parameters, run: (x) => forward(x) };
  return {
    parameters,
    run(x) {
      const rows = forward(featureRows(x, { isMap: true }));
      const [height, width] = place as [number, number];
      return transpose(reshape(rows, [x.shape[0]!, height, width, outputs]), [0, 3, 1, 2]);
    },
  };
}
