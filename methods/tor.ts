import { choice, following, number, type ValuesOf, whereIs } from '../base/option.ts';
import { type OutlierBranchName, outlierBranches } from '../losses/outlier-branches.ts';
import { tor as torSqrt } from '../losses/tor.ts';
import { torDrop, torSmooth, torSquare } from '../losses/tor-variants.ts';
import type { Method } from './method.ts';

const losses = { sqrt: torSqrt, smooth: torSmooth, square: torSquare, drop: torDrop };

const outlierBranch = choice<OutlierBranchName>({
  name: 'outlier-branch',
  group: 'training',
  choices: ['sqrt', 'smooth', 'square', 'drop'],
  default: 'smooth',
  help: 'the loss where a label is rejected',
});

/** What a label that the mask rejects is replaced by; of one head and of two. */
export const torOptions = {
  outlierBranch,
  /** Rounds off the slope of the outlier branch, in units of the standardised labels. */
  eps: number({
    name: 'eps',
    group: 'training',
    min: 0,
    isAbove: true,
    default: 1,
    follows: following(outlierBranch, (branch) => outlierBranches[branch].eps),
    help: 'rounds off the outlier branch; another branch has another default',
    when: whereIs(outlierBranch, 'sqrt', 'smooth'),
    form: { label: 'eps' },
  }),
};

/** Teacher outlier rejection on a plain student. */
export const tor: Method<ValuesOf<typeof torOptions>> = {
  name: 'tor',
  summary: 'teacher outlier rejection, one head',
  options: torOptions,
  isUsual: true,
  hasTwoHeads: false,
  needsTeacher: true,
  loss: ({ pred }, { label, teacher, outlier }, { outlierBranch, eps, leadingAxes }) =>
    losses[outlierBranch]({ pred, label, teacher, outlier }, { eps }, { leadingAxes }),
};
