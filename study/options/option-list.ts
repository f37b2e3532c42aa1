/** The options of `distill` as data: name, kind, range and help. Defaults stand once, in `study-defaults.ts`. */

import { dataOptions, most } from './data-options.ts';
import { matchingOptions } from './matching-options.ts';
import type { DataKind, StudyConfig } from '../results.ts';

export type OptionKind =
  | 'flag'
  | 'integer'
  | 'number'
  | 'ramp'
  | 'choice'
  | 'data'
  | 'text'
  | 'network'
  | 'size'
  | 'methods'
  | 'columns';

export interface Option {
  name: string;
  kind: OptionKind;
  help: string;
  group: 'data' | 'networks' | 'training' | 'run';
  /** Where the value goes in the configuration; options without it steer the command only. */
  key?: keyof StudyConfig;
  /** Data that it is about, if not all. */
  only?: readonly DataKind[];
  /** Range of a number, or of both of a ramp, ends included unless `isAbove`. */
  min?: number;
  max?: number;
  /** The number must be greater than `min`, not equal. */
  isAbove?: true;
  choices?: readonly string[];
}

export const options: readonly Option[] = [
  ...dataOptions,
  {
    name: 'methods',
    key: 'methods',
    kind: 'methods',
    group: 'networks',
    help: 'what to train',
  },
  {
    name: 'teacher',
    key: 'teacher',
    kind: 'network',
    group: 'networks',
    help: 'mlp:W,… and an activation: mlp:16,16:relu; for images lenet, resnet8, resnet14, resnet20, mobilenet, also with a share of their channels: lenet:0.5. Of tables also FILE.safetensors, a network that an earlier study has saved',
  },
  {
    name: 'teacher-column',
    key: 'teacherColumn',
    kind: 'columns',
    only: ['table'],
    group: 'networks',
    help: "instead of --teacher: columns with a teacher's predictions, one for each target",
  },
  {
    name: 'student',
    key: 'student',
    kind: 'network',
    group: 'networks',
    help: 'a network to train, named likewise',
  },

  {
    name: 'epochs',
    key: 'epochs',
    kind: 'integer',
    min: 1,
    max: most,
    group: 'training',
    help: 'epochs of a student (of other data others)',
  },
  {
    name: 'steps',
    key: 'steps',
    kind: 'integer',
    min: 0,
    max: most,
    group: 'training',
    help: 'updates of a student; 0 counts by epochs',
  },
  {
    name: 'teacher-steps',
    key: 'teacherSteps',
    kind: 'integer',
    min: 0,
    max: most,
    group: 'training',
    help: 'updates of the teacher, likewise',
  },
  {
    name: 'batch-size',
    key: 'batchSize',
    kind: 'integer',
    min: 1,
    max: most,
    group: 'training',
    help: 'samples a step',
  },
  {
    name: 'learning-rate',
    key: 'learningRate',
    kind: 'number',
    min: 0,
    isAbove: true,
    group: 'training',
    help: 'learning rate of the students',
  },
  {
    name: 'teacher-epochs',
    key: 'teacherEpochs',
    kind: 'integer',
    min: 1,
    max: most,
    group: 'training',
    help: 'epochs of the teacher (of other data others)',
  },
  {
    name: 'teacher-learning-rate',
    key: 'teacherLearningRate',
    kind: 'number',
    min: 0,
    isAbove: true,
    group: 'training',
    help: 'learning rate of the teacher',
  },
  {
    name: 'teacher-mode',
    key: 'teacherMode',
    kind: 'choice',
    choices: ['plain', 'early-stopping', 'out-of-fold', 'ensemble'],
    group: 'training',
    help: 'how the teacher predicts the training set',
  },
  {
    name: 'rule',
    key: 'rule',
    kind: 'choice',
    choices: ['zscore', 'mad', 'quantile', 'fixed', 'iterative'],
    group: 'training',
    help: 'which labels count as outliers',
  },
  {
    name: 'deviations',
    key: 'deviations',
    kind: 'number',
    min: 0,
    isAbove: true,
    group: 'training',
    help: 'of the rules mad, iterative and zscore, whose default is 2',
  },
  {
    name: 'quantile',
    key: 'quantile',
    kind: 'number',
    min: 0,
    max: 1,
    isAbove: true,
    group: 'training',
    help: 'share of labels that the rule quantile keeps',
  },
  {
    name: 'threshold',
    key: 'threshold',
    kind: 'number',
    min: 0,
    group: 'training',
    help: "of the rule fixed, in the labels' standard deviations",
  },
  {
    name: 'outlier-branch',
    key: 'outlierBranch',
    kind: 'choice',
    choices: ['sqrt', 'smooth', 'square', 'drop'],
    group: 'training',
    help: 'the loss where a label is rejected',
  },
  {
    name: 'eps',
    key: 'eps',
    kind: 'number',
    min: 0,
    isAbove: true,
    group: 'training',
    help: 'rounds off the outlier branch; another branch has another default',
  },
  {
    name: 'teacher-weight',
    key: 'teacherWeight',
    kind: 'number',
    min: 0,
    group: 'training',
    help: "weight of tor-dual's teacher head",
  },
  ...matchingOptions,

  {
    name: 'seeds',
    key: 'seeds',
    kind: 'integer',
    min: 1,
    max: 1_000_000,
    group: 'run',
    help: 'number of seeds',
  },
  {
    name: 'seed',
    key: 'seed',
    kind: 'integer',
    min: 0,
    max: 2 ** 32 - 1,
    group: 'run',
    help: 'the first seed',
  },
  {
    name: 'batch-seeds',
    key: 'batchSeeds',
    kind: 'integer',
    min: 1,
    max: 65_535,
    group: 'run',
    help: 'seeds trained side by side, with the same results; 1 trains one by one',
  },
  {
    name: 'device',
    key: 'device',
    kind: 'text',
    group: 'run',
    help: "auto, cpu, or part of an adapter's name",
  },
  {
    name: 'math',
    key: 'math',
    kind: 'choice',
    choices: ['portable', 'native'],
    group: 'run',
    help: "exp, sin, … by our own WGSL or the driver's",
  },
  { name: 'out', kind: 'text', group: 'run', help: 'run folder (default: runs/ and a name with the time)' },
  { name: 'overwrite', kind: 'flag', group: 'run', help: 'replace the earlier run in the folder' },
  {
    name: 'json',
    kind: 'flag',
    group: 'run',
    help: 'the last line of stdout is the summary; the rest goes to stderr',
  },
  { name: 'quiet', kind: 'flag', group: 'run', help: 'no progress' },
  { name: 'dry-run', kind: 'flag', group: 'run', help: 'print the plan and stop' },
  { name: 'version', kind: 'flag', group: 'run', help: 'print the version' },
  { name: 'help', kind: 'flag', group: 'run', help: 'print this' },
];
