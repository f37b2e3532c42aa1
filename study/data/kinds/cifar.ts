/** CIFAR-10 and CIFAR-100: folders of their binary versions. */
import { choice } from '../../../base/option.ts';
import { classKind } from './class-images.ts';

export const cifarReading = {
  cifarLabels: choice({
    name: 'cifar-labels',
    group: 'data',
    choices: ['fine', 'coarse'],
    default: 'fine',
    help: 'which classes of CIFAR-100: the hundred, or the twenty that they belong to',
  }),
};

export const cifar10 = classKind('cifar10', 'cifar10:FOLDER');

export const cifar100 = classKind('cifar100', 'cifar100:FOLDER', { reading: cifarReading });
