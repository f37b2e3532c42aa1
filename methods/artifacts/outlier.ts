/** The column `outlier` of batches. */
import type { ValuesOf } from '../../base/option.ts';
import { outlierMask } from '../../losses/outlier-mask.ts';
import { outlierOptions } from '../../losses/outlier-options.ts';
import type { Artifact } from '../artifact.ts';

/** 1 where a label is rejected, because the teacher's prediction is too far from it; else 0. */
export const outlier: Artifact<'outlier', ValuesOf<typeof outlierOptions>> = {
  name: 'outlier',
  needs: 'predictions',
  options: outlierOptions,
  make: ({ label, teacher, outputs: columns }, options) =>
    outlierMask(label, teacher, { ...options, columns }).outlier,
};
