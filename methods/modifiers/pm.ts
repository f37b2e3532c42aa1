/** The add-on `+pm`: predictions at perturbed points. */
import { choice, type ValuesOf, whereIs } from '../../base/option.ts';
import { ramp } from '../../train/ramp.ts';
import type { ModifierOf } from './modifier.ts';

const perturbation = choice({
  name: 'perturbation',
  group: 'training',
  choices: ['gaussian', 'mixup'],
  default: 'gaussian',
  help: 'how +pm makes its points: noise on inputs, or mixes of two rows',
});

const options = {
  perturbation,
  /** In deviations of the inputs. */
  sigma: ramp({
    name: 'sigma',
    group: 'training',
    min: 0,
    default: 1,
    help: 'deviation of that noise, in deviations of the inputs; 1:0.1 goes evenly from 1 to 0.1, as weights may',
    when: whereIs(perturbation, 'gaussian'),
  }),
  pmWeight: ramp({
    name: 'pm-weight',
    group: 'training',
    min: 0,
    default: 1,
    help: 'weight of +pm, predictions at perturbed points',
  }),
};

/** Prediction matching. */
export const pm: ModifierOf<'pm', ValuesOf<typeof options>> = {
  name: 'pm',
  summary: 'matches predictions at perturbed points',
  options,
  needs: 'network',
  tasks: ['regression'],
  matching: ({ pmWeight, sigma, ...rest }, at) => ({
    perturbed: at(pmWeight),
    perturbation: rest.perturbation,
    sigma: at(sigma),
  }),
};
