/** The add-on `+gm`: input gradients. */
import { choice, type ValuesOf } from '../../base/option.ts';
import { ramp } from '../../train/ramp.ts';
import type { ModifierOf } from './modifier.ts';

const options = {
  /** By differentiating twice, or along random directions. */
  slopes: choice({
    name: 'slopes',
    group: 'training',
    choices: ['exact', 'directions'],
    default: 'exact',
    help: 'how +gm compares gradients: exactly, or along random directions',
  }),
  gmWeight: ramp({
    name: 'gm-weight',
    group: 'training',
    min: 0,
    default: 1,
    help: 'weight of +gm, input gradients',
  }),
};

/** Gradient matching. */
export const gm: ModifierOf<'gm', ValuesOf<typeof options>> = {
  name: 'gm',
  summary: 'matches input gradients',
  options,
  needs: 'network',
  tasks: ['regression'],
  matching: ({ slopes, gmWeight }, at) => ({
    gradients: at(gmWeight),
    slopes: slopes === 'exact' ? slopes : {},
  }),
};
