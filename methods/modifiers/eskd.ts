/** The add-on `+eskd`: distillation that stops early, then the labels alone (Cho and Hariharan 2019, arXiv:1910.01348). */
import { most, number, type ValuesOf } from '../../base/option.ts';
import type { StagePlan } from '../../train/training.ts';
import type { Sizes } from '../context.ts';
import type { ModifierOf } from './modifier.ts';

const options = {
  eskdStop: number({
    name: 'eskd-stop',
    group: 'training',
    min: 0,
    max: most,
    default: 0.5,
    help: 'when +eskd goes over from the teacher to the labels: below 1 a share of the training, else an epoch',
  }),
};

type Options = ValuesOf<typeof options>;

/** Two stages of one training, or the one of them that has steps. */
function plan(
  { eskdStop }: Options,
  { steps, epochSteps }: Pick<Sizes, 'steps' | 'epochSteps'>,
): StagePlan[] {
  const wanted = Math.round(eskdStop < 1 ? eskdStop * steps : eskdStop * epochSteps);
  const stop = Math.min(steps, wanted);
  const distilled: StagePlan[] = stop > 0 ? [{ name: 'distillation', steps: stop }] : [];
  if (stop === steps) return distilled;
  const labels = { name: 'labels', steps: steps - stop };
  return [...distilled, stop > 0 ? { ...labels, continues: true } : labels];
}

/** Early-stopped knowledge distillation: same optimiser, same schedule, same order of batches. */
export const eskd: ModifierOf<'eskd', Options> = {
  name: 'eskd',
  summary: 'goes over to the labels alone at a step, and learns no more from the teacher',
  options,
  isTaught: true,
  comparedWith: [''],
  plan,
  stages(base, context, chosen) {
    const learner = base.learner(context);
    const { deployed, heads } = learner;
    const player = learner.player();
    const stages = plan(chosen, context.sizes).map((stage) => ({
      ...stage,
      ...(stage.name === 'labels' ? learner.byLabels(player) : learner.byLoss(player)),
    }));
    return { deployed, heads, stages };
  },
};
