/** The add-on `+restarts`: the trainings of `+rco`, each from the teacher as it is in the end; what restarts alone do. */
import type { ValuesOf } from '../../base/option.ts';
import type { StagePlan } from '../../train/training.ts';
import type { ModifierOf } from './modifier.ts';
import { rcoAnchors } from './rco.ts';

const options = { rcoAnchors };

type Options = ValuesOf<typeof options>;

function plan({ rcoAnchors: count }: Options, { steps }: { readonly steps: number }): StagePlan[] {
  return Array.from({ length: count }, (_, k) => ({ name: `training ${k + 1}`, steps }));
}

/** A control of `+rco`: as many stages, steps, optimisers and schedules. */
export const restarts: ModifierOf<'restarts', Options> = {
  name: 'restarts',
  summary: 'trained as often as +rco, always by the whole teacher: a control',
  options,
  isTaught: true,
  plan,
  stages(base, context, chosen) {
    const learner = base.learner(context);
    const { deployed, heads } = learner;
    const stages = plan(chosen, context.sizes).map((stage) => ({
      ...stage,
      ...learner.byLoss(learner.player()),
    }));
    return { deployed, heads, stages };
  },
};
