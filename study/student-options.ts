/** The options of students, such as --student, --epochs, --steps, --learning-rate, --train-fraction. */
import { integer, most, number, type Option, whereIs } from '../base/option.ts';
import { batchSize } from '../train/training-options.ts';

export const student: Option<string> = {
  name: 'student',
  kind: 'network',
  group: 'networks',
  default: 'mlp:16,16',
  help: 'a network to train, named likewise',
  form: { section: 'Networks', label: 'Student, hidden layers', hint: 'widths, such as 16, 16' },
};

const steps = integer({
  name: 'steps',
  group: 'training',
  min: 0,
  max: most,
  default: 0,
  help: 'updates of a student; 0 counts by epochs',
});

export const epochs = integer({
  name: 'epochs',
  group: 'training',
  min: 1,
  max: most,
  default: 768,
  help: 'epochs of a student (of other data others)',
  when: { ...whereIs(steps, 0), reason: `--${steps.name} counts updates instead` },
  form: { section: 'Training', label: 'Epochs of a student' },
});

export const learningRate = number({
  name: 'learning-rate',
  elsewhere: ['lr'],
  group: 'training',
  min: 0,
  isAbove: true,
  default: 0.01,
  help: 'learning rate of the students',
});

export const studentOptions = {
  /** Share of the training rows that students see; their teacher sees all. */
  trainFraction: number({
    name: 'train-fraction',
    group: 'data',
    min: 0,
    max: 1,
    default: 1,
    help: 'share of the training samples that students see, their teacher all; 0 for methods without data',
  }),
  /** Share of those rows that a student is validated on instead; 0 keeps its last weights. */
  validationShare: number({
    name: 'validation-share',
    group: 'data',
    min: 0,
    max: 0.9,
    default: 0,
    help: "share of a student's samples that it is validated on instead, to keep its best weights; 0 keeps the last",
  }),
  /** 'mlp:100,100' or 'mlp:100,100:relu'; for images also 'lenet', 'resnet8:0.5', …. */
  student,
  epochs,
  /** Updates; 0 counts by epochs. */
  steps,
  batchSize,
  learningRate,
};
