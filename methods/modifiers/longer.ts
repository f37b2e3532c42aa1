/** The add-on `+longer`: as many steps as the stages of `+rco` together, in one training by the whole teacher. */
import type { ValuesOf } from '../../base/option.ts';
import type { StagePlan } from '../../train/training.ts';
import type { ModifierOf } from './modifier.ts';
import { rcoAnchors } from './rco.ts';

const options = { rcoAnchors };

type Options = ValuesOf<typeof options>;

function plan({ rcoAnchors: count }: Options, { steps }: { readonly steps: number }): StagePlan[] {
  return [{ name: 'train', steps: count * steps }];
}

/** A control of `+rco`: the same number of epochs. */
export const longer: ModifierOf<'longer', Options> = {
  name: 'longer',
  summary: 'trained for as many steps as all stages of +rco, by the whole teacher: a control',
  options,
  isTaught: true,
  plan,
  stages(base, context, chosen) {
    const [stage] = plan(chosen, context.sizes);
    const learner = base.learner(context.with({ steps: stage!.steps }));
    const { deployed, heads } = learner;
    return { deployed, heads, stages: [{ ...stage!, ...learner.byLoss(learner.player()) }] };
  },
};
