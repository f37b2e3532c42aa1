/** The options of the outlier mask: which labels a study rejects. */
import { choice, following, number, whereIs } from '../base/option.ts';
import { defaultDeviations, type OutlierRule } from './outlier-mask.ts';

const rule = choice<OutlierRule>({
  name: 'rule',
  group: 'training',
  choices: ['zscore', 'mad', 'quantile', 'fixed', 'iterative'],
  default: 'mad',
  help: 'which labels count as outliers',
  form: { label: 'Outlier rule' },
});

export const outlierOptions = {
  rule,
  /** Standard deviations of the rules `zscore`, `mad` and `iterative`. */
  deviations: number({
    name: 'deviations',
    group: 'training',
    min: 0,
    isAbove: true,
    default: 3,
    follows: following(rule, defaultDeviations),
    help: 'of the rules mad, iterative and zscore, whose default is 2',
    when: whereIs(rule, 'mad', 'iterative', 'zscore'),
  }),
  /** Share kept by `quantile`. */
  quantile: number({
    name: 'quantile',
    group: 'training',
    min: 0,
    max: 1,
    isAbove: true,
    default: 0.9,
    help: 'share of labels that the rule quantile keeps',
    when: whereIs(rule, 'quantile'),
  }),
  /** Of `fixed`, in standard deviations of the labels. */
  threshold: number({
    name: 'threshold',
    group: 'training',
    min: 0,
    default: 1,
    help: "of the rule fixed, in the labels' standard deviations",
    when: whereIs(rule, 'fixed'),
  }),
};
