/** What kinds of images with classes have in common, and those that are read. */
import { overrule, type DataKindOf, type Overruled } from './data-kind.ts';
import { imageDefaults, imageOptions, pictureDefaults } from './images.ts';
import { noise, testRows, trainRows } from './samples.ts';
import { tableOptions } from './table.ts';

const { labelError: _, size, ...pixels } = imageOptions;

/** Of images that keep their size. */
export const classOptions = { ...pixels, testShare: tableOptions.testShare };

/** Of images that can have another size. */
export const sizedOptions = { ...classOptions, size };

export const classDefaults: readonly Overruled[] = pictureDefaults;

/** Of images that are made. */
export const madeDefaults: readonly Overruled[] = [
  ...imageDefaults,
  overrule(noise, 0),
  overrule(size, '16x16'),
  overrule(trainRows, 2000),
  overrule(testRows, 1000),
];

/** What a name stands for that is followed by a path. */
export function classKind<N extends string>(
  name: N,
  words: string,
  more: Partial<DataKindOf<N>> = {},
): DataKindOf<N> {
  return {
    name,
    words,
    reads: 'classified',
    isOfImages: true,
    tasks: ['classification'],
    options: classOptions,
    defaults: classDefaults,
    ...more,
  };
}
