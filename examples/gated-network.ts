/** A network of one's own in studies: npm run distill -- --student examples/gated-network.ts:24 */
import { add, block, chain, linearLayer, mul, ParameterBuilder } from '../index.ts';
import type { NetworkKind } from '../cli/from-code.ts';

/** A layer, and a skip around two others by a gate that is learnt. */
export const gated: NetworkKind = {
  name: 'gated',
  isOfImages: false,
  trunk({ backend, inputs, seed, arena }, size) {
    const width = Number(size || 16);
    if (!(Number.isInteger(width) && width > 0))
      throw new Error(`the width must be a whole number above 0, not '${size}'`);
    // Every layer takes its parameters from the builder, by names of their own.
    const builder = new ParameterBuilder('gated', backend, seed, { arena });
    const first = linearLayer(builder, 'first', [inputs, width], { activation: 'tanh' });
    const inner = chain([
      linearLayer(builder, 'inner.0', [width, width], { activation: 'silu' }),
      linearLayer(builder, 'inner.1', [width, width]),
    ]);
    const gate = builder.parameter('gate', [1, width], { constant: 0.1 });
    const skip = { shape: inner.shape, run: (x) => add(x, mul(inner.run(x), gate)) } as typeof inner;
    return {
      ...{ builder, featureCount: width, activation: 'tanh' },
      blocks: [block('first', first), block('gated', skip)],
    };
  },
};
