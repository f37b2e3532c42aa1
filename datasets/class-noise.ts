/** Labels of classes that are replaced by other classes, at random. */

export interface ReplacedLabels {
  readonly labels: Float64Array;
  /** 1 where a label was replaced. */
  readonly isReplaced: Uint8Array;
}

/**
 * Each label is replaced with the probability `share`, by one of the other classes, all equally likely. `chance` and `which` are
 * uniform numbers, one a label; more noise keeps what was replaced with less.
 */
export function replaced(
  labels: ArrayLike<number>,
  {
    classes,
    share,
    chance,
    which,
  }: { classes: number; share: number; chance: ArrayLike<number>; which: ArrayLike<number> },
): ReplacedLabels {
  const isReplaced = Uint8Array.from(labels, (_, i) => Number(chance[i]! < share));
  const others = classes - 1;
  return {
    labels: Float64Array.from(labels, (label, i) => {
      if (isReplaced[i] === 0) return label;
      return (label + 1 + Math.min(others - 1, Math.floor(which[i]! * others))) % classes;
    }),
    isReplaced,
  };
}
