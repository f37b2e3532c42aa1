/** How far a student should follow its teacher at each training sample. Found once over the training set, then frozen. */
import { checkNumbers, checkOptions } from '../engine/borders.ts';

export interface ImitationAttention {
  /** In [0, 1], a number for each label: those of one sample are equal. */
  attention: Float32Array;
  /** The largest squared error of the teacher minus the smallest: what errors are measured by. */
  range: number;
}

export interface ImitationAttentionOptions {
  /** Outputs a sample, 1 unless given. A sample's error is the sum over them. */
  columns?: number | undefined;
}

/**
 * The attention of `ail` (Saputra et al. 2019, arXiv:1908.00858), over the whole training set:
 *
 *     e = Σ (teacher - label)² of a sample;  attention = 1 - e / (max e - min e), clamped to [0, 1]
 *
 * Unclamped, the worst sample's would be -min e / (max e - min e). Where all errors are equal it is 1. One giant outlier
 * makes the range so large that all other samples' attention is near 1.
 *
 * @throws if the lengths differ or are no multiple of `columns`, or a number is not finite.
 */
export function imitationAttention(
  label: ArrayLike<number>,
  teacher: ArrayLike<number>,
  options: ImitationAttentionOptions = {},
): ImitationAttention {
  checkNumbers('imitationAttention', label);
  checkNumbers('imitationAttention', teacher);
  checkOptions('imitationAttention', options, 'columns');
  const { columns = 1 } = options;
  if (label.length !== teacher.length || label.length % columns !== 0) {
    throw new Error(
      `imitationAttention: ${label.length} labels, ${teacher.length} predictions, ${columns} columns`,
    );
  }
  const errors = new Float64Array(label.length / columns);
  let [least, most] = [Infinity, -Infinity];
  for (const row of errors.keys()) {
    for (let i = row * columns; i < (row + 1) * columns; i++) errors[row]! += (teacher[i]! - label[i]!) ** 2;
    if (!Number.isFinite(errors[row]))
      throw new Error(`imitationAttention: a label or a prediction of row ${row} is not finite`);
    least = Math.min(least, errors[row]!);
    most = Math.max(most, errors[row]!);
  }
  const range = errors.length > 0 ? most - least : 0;
  const attention = new Float32Array(label.length);
  for (const i of attention.keys()) {
    const error = errors[Math.floor(i / columns)]!;
    attention[i] = range > 0 ? Math.min(1, Math.max(0, 1 - error / range)) : 1;
  }
  return { attention, range };
}
