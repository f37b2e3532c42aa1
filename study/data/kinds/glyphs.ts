/** Rendered glyphs of ten classes. */
import { everyRow } from '../../../datasets/dataset.ts';
import { choice, number, type ValuesOf } from '../../../base/option.ts';
import { samplesOf } from '../../../datasets/classes/class-dataset.ts';
import { renderedGlyphs } from '../../../datasets/classes/rendered-glyphs.ts';
import { madeDefaults, sizedOptions } from './class-images.ts';
import type { DataKindOf } from './data-kind.ts';
import { widthAndHeight } from './images.ts';

const { testShare: _, ...own } = sizedOptions;

export const glyphOptions = {
  ...own,
  glyphConfusion: number({
    name: 'glyph-confusion',
    group: 'data',
    min: 0,
    max: 1,
    default: 0,
    help: 'how alike the pairs 1 and 7, 3 and 8, 4 and 9, 5 and 6 are: 0 not more than they are, 1 not to be told apart',
  }),
  glyphDistortion: number({
    name: 'glyph-distortion',
    group: 'data',
    min: 0,
    max: 3,
    default: 1,
    help: 'how much the hands differ that write the glyphs',
  }),
  glyphColours: choice({
    name: 'glyph-colours',
    group: 'data',
    choices: ['grey', 'rgb'],
    default: 'grey',
    help: 'glyphs in grey, or light and dark of any colour',
  }),
};

/** Test glyphs have numbers from here on. */
const TEST_FROM = 2 ** 30;

export const glyphs: DataKindOf<'glyphs', ValuesOf<typeof glyphOptions>> = {
  name: 'glyphs',
  words: 'glyphs',
  isOfImages: true,
  tasks: ['classification'],
  options: glyphOptions,
  defaults: madeDefaults,
  columns: { inputs: ['image'], targets: ['class'] },
  dataset(given, { random }) {
    const { width, height } = widthAndHeight(given.size);
    const look = {
      ...{ width, height, confusion: given.glyphConfusion, distortion: given.glyphDistortion },
      channels: given.glyphColours === 'rgb' ? 3 : 1,
    } as const;
    const train = renderedGlyphs(random, { ...look, rows: given.trainRows, labelNoise: given.noise });
    const test = renderedGlyphs(random, { ...look, rows: given.testRows, firstRow: TEST_FROM });
    const { channels, classes } = train;
    const wrong = Uint8Array.from(train.labels, (label, row) => Number(label !== train.truth[row]));
    return {
      name: 'glyphs',
      classes,
      image: { channels, height, width },
      train: samplesOf(train, everyRow(train.rows)),
      test: samplesOf(test, everyRow(test.rows)),
      ...(given.noise > 0 ? { outlier: wrong } : {}),
    };
  },
};
