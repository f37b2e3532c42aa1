/** The add-on `+abm`: predictions where the networks differ. */
import { choice, integer, most, number, type ValuesOf, whereIs } from '../../base/option.ts';
import { ramp } from '../../train/ramp.ts';
import type { ModifierOf } from './modifier.ts';
import { adversary, generatorEvery } from '../data-free/adversary.ts';

const how = choice({
  name: 'abm',
  group: 'training',
  choices: ['ascent', 'generator'],
  default: 'ascent',
  help: 'how +abm finds its points: steps uphill from the batch, or a network trained beside the student',
});

const options = {
  abm: how,
  /** Uphill from the batch. */
  ascentSteps: integer({
    name: 'ascent-steps',
    group: 'training',
    min: 1,
    max: most,
    default: 3,
    help: 'steps uphill of +abm',
    when: whereIs(how, 'ascent'),
  }),
  ascentSize: number({
    name: 'ascent-size',
    group: 'training',
    min: 0,
    isAbove: true,
    default: 0.2,
    help: 'their length, in deviations of the inputs',
    when: whereIs(how, 'ascent'),
  }),
  generatorEvery,
  abmWeight: ramp({
    name: 'abm-weight',
    group: 'training',
    min: 0,
    default: 1,
    help: 'weight of +abm, predictions where networks differ',
  }),
};

/** Adversarial matching. */
export const abm: ModifierOf<'abm', ValuesOf<typeof options>> = {
  name: 'abm',
  summary: 'matches predictions where teacher and student differ',
  options,
  needs: 'network',
  tasks: ['regression'],
  reads: { generatorEvery: whereIs(how, 'generator') },
  matching: ({ abmWeight, ascentSteps, ascentSize }, at) => ({
    adversarial: at(abmWeight),
    ascent: { steps: ascentSteps, stepSize: ascentSize },
  }),
  pointMaker: (chosen, context) =>
    chosen.abm === 'generator' ? adversary(context, chosen.generatorEvery) : undefined,
};
