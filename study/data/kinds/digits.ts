/** A table whose columns are the pixels of an image: the digits of UCI, or any table with --images. */
import type { Option, ValuesOf } from '../../../base/option.ts';
import { student } from '../../student-options.ts';
import { teacher } from '../../teachers/teacher-options.ts';
import { writingOptions } from '../../read/table-writing.ts';
import { classDefaults, classKind, classOptions } from './class-images.ts';
import { overrule } from './data-kind.ts';
import { tableOptions, tableReading } from './table.ts';

export const images: Option<string> = {
  name: 'images',
  kind: 'size',
  group: 'data',
  default: '',
  help: 'of a table: its columns are the pixels of images of this size, such as 8x8 [with digits:FILE a square]',
};

export const digitOptions = { ...classOptions, target: tableOptions.target, images };

export type DigitValues = ValuesOf<typeof digitOptions>;

export const digits = classKind('digits', 'digits:FILE', {
  options: digitOptions,
  reading: { columns: tableReading.columns, exclude: tableReading.exclude, ...writingOptions },
  // LeNet wants 16 pixels either way.
  defaults: [
    ...classDefaults,
    overrule(teacher, 'resnet-cifar8:0.5'),
    overrule(student, 'resnet-cifar8:0.125'),
  ],
});
