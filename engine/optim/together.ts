/** Updates of several optimisers from one forward pass. */
import { jointGuard, MOST_NORMS } from '../../kernels/training/joint-guard.ts';
import { inWords } from '../borders.ts';
import { dispatch, workgroupsFor } from '../dispatch.ts';
import type { Tensor } from '../tensor.ts';
import { FlatOptimizer } from './flat-optimizer.ts';
import type { Optimizer } from './options.ts';

/**
 * Updates several optimisers from one forward pass: the gradients of all losses are computed before any of them changes a
 * weight, then the updates are made in the order given. Of optimisers that share a latch (`stopsWith`) none moves a model
 * for which a gradient of any is not finite.
 *
 *     together([learner, loss], [judge, judgement]);
 *
 * @throws Error for an optimiser that comes twice, and as `grad` does; nothing is changed then.
 */
export function together(...pairs: readonly (readonly [Optimizer, Tensor])[]): void {
  const players = pairs.map((pair, i) => {
    const of = pair?.[0];
    if (!(of instanceof FlatOptimizer))
      throw new Error(`together: wants pairs [player, loss], got ${inWords(of ?? pair)} as pair ${i}`);
    if (pairs.findIndex(([other]) => other === of) !== i)
      throw new Error(`together: pair ${i} has a player that came before; give it the sum of its losses`);
    return of;
  });
  const gradients = players.map((of, i) => of.gradients(pairs[i]![1]));
  for (const [i, of] of players.entries()) of.prepare(gradients[i]!);
  const guarded = players.map((of) => of.guarded);
  for (const shared of new Set(guarded.map(({ latch }) => latch.storage))) {
    const some = guarded.filter(({ latch }) => latch.storage === shared);
    if (some.length > 1) stopTogether(some);
  }
  for (const of of players) of.apply();
}

/** Twice where one dispatch has not room for all: first every norm is looked at, then every norm is told. */
function stopTogether(all: readonly FlatOptimizer['guarded'][]): void {
  for (const _ of all.length > MOST_NORMS ? ['look', 'tell'] : ['both'])
    for (let from = 0; from < all.length; from += MOST_NORMS) {
      const some = all.slice(from, from + MOST_NORMS);
      const { latch } = some[0]!;
      const kernel = jointGuard(some.length);
      const bounds = Object.fromEntries(some.map(({ bound }, k) => [`bound${k}`, bound]));
      dispatch(kernel, {
        inputs: {},
        uniforms: { models: latch.size, ...bounds },
        outputs: { latch, ...Object.fromEntries(some.map(({ norm }, k) => [`norm${k}`, norm])) },
        workgroups: workgroupsFor(kernel, latch.size),
      });
    }
}
