/** The method `tor`: a rejected label is replaced by a branch of losses/tor-variants.ts. */
import { choice, following, number, whereIs } from '../base/option.ts';
import { type OutlierBranchName, outlierBranches } from '../losses/outlier-branches.ts';
import { torLosses } from '../losses/tor-variants.ts';
import { outlier } from './artifacts/outlier.ts';
import { teacher } from './artifacts/teacher.ts';
import { lossMethod } from './loss-method.ts';

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
export const tor = lossMethod({
  name: 'tor',
  summary: 'teacher outlier rejection, one head',
  labels: 'numbers',
  options: torOptions,
  isUsual: true,
  uses: [teacher, outlier],
  loss: ({ heads: { label: pred }, batch: { label, teacher, outlier }, keeping }, { outlierBranch, eps }) =>
    torLosses[outlierBranch]({ pred, label, teacher, outlier }, { eps }, keeping),
});
