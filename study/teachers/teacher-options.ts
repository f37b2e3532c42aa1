/** The options of teachers: which network, or what stands for one, and its training. */
import { choice, integer, most, number, type Option, whereIs } from '../../base/option.ts';
import { batchSize } from '../../train/training-options.ts';
import { math } from '../run-options.ts';

export const teacher: Option<string> = {
  name: 'teacher',
  kind: 'network',
  group: 'networks',
  default: 'mlp:100,100',
  help: 'mlp:W,… and an activation: mlp:16,16:relu; for images lenet, resnet8, resnet14, resnet20, mobilenet, also with a share of their channels: lenet:0.5. Of tables also FILE.safetensors, a network that an earlier study has saved',
  form: { section: 'Networks', label: 'Teacher, hidden layers', hint: 'widths, such as 100, 100' },
};

/** Of tables. */
export const teacherColumn: Option<string[] | undefined> = {
  name: 'teacher-column',
  kind: 'columns',
  group: 'networks',
  help: "instead of --teacher: columns with a teacher's predictions, one for each target",
};

const teacherSteps = integer({
  name: 'teacher-steps',
  group: 'training',
  min: 0,
  max: most,
  default: 0,
  help: 'updates of the teacher, likewise',
});

export const teacherEpochs = integer({
  name: 'teacher-epochs',
  group: 'training',
  min: 1,
  max: most,
  default: 256,
  help: 'epochs of the teacher (of other data others)',
  when: { ...whereIs(teacherSteps, 0), reason: `--${teacherSteps.name} counts updates instead` },
  form: { section: 'Training', label: 'Epochs of the teacher' },
});

export const teacherLearningRate = number({
  name: 'teacher-learning-rate',
  group: 'training',
  min: 0,
  isAbove: true,
  default: 0.01,
  help: 'learning rate of the teacher',
});

/** Ends the long training early, with the rate that it has there: `teacherSchedule` makes a short one that anneals. */
const teacherCheckpoint = number({
  name: 'teacher-checkpoint',
  group: 'training',
  min: 0,
  isAbove: true,
  max: 1,
  default: 1,
  help: "share of the teacher's training after which it is taken as it is, its rate not yet annealed",
});

/** Undefined where each seed has a teacher of its own. */
export const teacherSeed: Option<number | undefined> = integer({
  name: 'teacher-seed',
  group: 'networks',
  min: 0,
  max: 2 ** 32 - 1,
  help: "one seed for the teachers' initial weights and batches in all seeds of the study",
});

/** Of one that is trained here. */
export const teacherTrainingOptions = {
  teacherEpochs,
  /** Updates; 0 counts by epochs. */
  teacherSteps,
  teacherLearningRate,
  /** A short training of its own, which is another teacher than a checkpoint of the long one. */
  teacherSchedule: number({
    name: 'teacher-schedule',
    group: 'training',
    min: 0,
    isAbove: true,
    max: 1,
    default: 1,
    help: "share of the teacher's epochs that it is trained for, its rate annealed over those",
  }),
  teacherCheckpoint,
  teacherSeed,
  /** How the teacher's predictions on the training set are made. */
  teacherMode: choice({
    name: 'teacher-mode',
    group: 'training',
    choices: ['plain', 'early-stopping', 'out-of-fold', 'ensemble'],
    default: 'plain',
    help: 'how the teacher predicts the training set',
  }),
};

export const teacherOptions = {
  /** A network as of `student`; or one that a study has saved, 'FILE.safetensors'; '' where columns hold its predictions. */
  teacher,
};

const { teacherSeed: _own, ...ofTraining } = teacherTrainingOptions;

/** Besides those of the data and the teacher's seed: all that a trained teacher's bits depend on. */
export const teacherKeyOptions = { ...teacherOptions, ...ofTraining, batchSize, math };

/** Whose random numbers the teacher of a seed has. */
export function teacherSeedOf(config: { teacherSeed?: number | undefined }, seed: number): number {
  return config.teacherSeed ?? seed;
}
