/** The add-on `+rco`: the teacher's checkpoints one after another, from easy to hard (Jin et al. 2019, arXiv:1904.09149). */
import { choice, integer, number, type ValuesOf, whereIs } from '../../base/option.ts';
import type { StagePlan } from '../../train/training.ts';
import { type Choice, rcoCheckpoints } from '../artifacts/route.ts';
import { Anchors } from './anchors.ts';
import type { ModifierOf } from './modifier.ts';

export const rcoAnchors = integer({
  name: 'rco-anchors',
  group: 'training',
  min: 1,
  max: 12,
  default: 4,
  help: 'anchors of +rco, a stage each; where they are chosen by hardness, at most',
});

const select = choice({
  name: 'rco-select',
  group: 'training',
  choices: ['equal', 'greedy'],
  default: 'equal',
  help: 'anchors of +rco: evenly apart, or each the last that is not much harder than the one before',
});

const options = {
  rcoAnchors,
  rcoCheckpoints,
  rcoForm: choice({
    name: 'rco-form',
    group: 'training',
    choices: ['stages', 'one-stage'],
    default: 'stages',
    help: '+rco: a whole training for each anchor, with a new optimiser; or all anchors in the steps of one',
  }),
  rcoSelect: select,
  rcoDelta: number({
    name: 'rco-delta',
    group: 'training',
    min: 0,
    default: 0.8,
    help: 'how much harder the next anchor may be than the present one is when it is left, as a share',
    when: whereIs(select, 'greedy'),
  }),
};

type Options = ValuesOf<typeof options>;

/** One stage an anchor, by the anchor's place; in the one-stage form stages continue one another, and those without steps are left out. */
function anchorStages(
  { rcoAnchors: count, rcoForm }: Options,
  { steps }: { readonly steps: number },
): { k: number; stage: StagePlan }[] {
  const from = (k: number) => Math.floor((k * steps) / count);
  const stages = Array.from({ length: count }, (_, k) => {
    const name = `anchor ${k + 1}`;
    return { k, stage: { name, steps: rcoForm === 'stages' ? steps : from(k + 1) - from(k) } };
  });
  if (rcoForm === 'stages') return stages;
  return stages
    .filter(({ stage }) => stage.steps > 0)
    .map(({ k, stage }, i) => ({ k, stage: i === 0 ? stage : { ...stage, continues: true } }));
}

/** Route constrained optimisation. */
export const rco: ModifierOf<'rco', Options> = {
  name: 'rco',
  summary: "learns from the teacher's checkpoints one after another, each in a stage of its own",
  options,
  needs: 'route',
  comparedWith: ['longer', 'restarts'],
  plan: (chosen, sizes) => anchorStages(chosen, sizes).map(({ stage }) => stage),
  stages(base, context, chosen) {
    const route = context.route();
    // Predictions are columns; who asks more of a teacher has a network with the checkpoint's weights.
    const network = base.needs.some((need) => need !== 'predictions') ? route.network() : undefined;
    const learner = base.learner(context.with({ teacher: network?.networks }));
    const anchors = new Anchors(route, {
      ...{ backend: context.backend, seeds: context.seeds.length, student: learner.deployed.forward },
      count: chosen.rcoAnchors,
      delta: chosen.rcoSelect === 'greedy' ? chosen.rcoDelta : undefined,
    });
    const stages = anchorStages(chosen, context.sizes);
    let player = learner.player();
    let present: Choice = [];
    return {
      ...{ deployed: learner.deployed, heads: learner.heads, state: anchors.state },
      stages: stages.map(({ k, stage }, i) => {
        if (i > 0 && !stage.continues) player = learner.player();
        return {
          ...stage,
          ...learner.byLoss(player),
          async before() {
            present = await anchors.arrive(k);
            network?.load(present);
          },
          columns: () => route.columns(present),
          after: () => anchors.leave(k),
        };
      }),
      hardness: () => anchors.hardness(stages.map(({ stage }) => stage.name)),
      dispose() {
        anchors.dispose();
        network?.dispose();
      },
    };
  },
};
