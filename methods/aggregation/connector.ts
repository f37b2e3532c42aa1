/** From the features of one network to as many as another has: trained with a student, and dropped. */
import type { Shape } from '../../engine/shape.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { channelTransfer } from '../../models/adversarial/channel-transfer.ts';
import type { Named } from '../../models/parameters.ts';
import type { TrainingContext } from '../context.ts';

export interface Connector {
  readonly parameters: Named;
  run(x: Tensor): Tensor;
}

/**
 * Between what two blocks put out for one sample; nothing at all where they have equally many features.
 *
 * @param index Which of the training's regressors: random numbers of its own.
 */
export function connector(
  context: TrainingContext,
  index: number,
  { from: shape, to }: { readonly from: Shape; readonly to: Shape },
): Connector {
  const channels = to[0]!;
  if (shape[0] === channels) return { parameters: {}, run: (x) => x };
  const made = context.make('regressor', (given) => channelTransfer({ ...given, shape, channels }), index);
  return { parameters: made.parameters, run: made.forward };
}
