/** The words at the head of `work`, which has what changes from dispatch to dispatch. */
export const WORK_WORDS = {
  /** Number of the first step. */
  firstStep: 0,
  steps: 1,
  /** Where the first step's rows begin in the order of each seed. */
  firstRow: 2,
  /** Epochs whose order is to be made. */
  firstEpoch: 3,
  epochs: 4,
  /** What their numbers are, to the random numbers, beyond those. */
  epochsBefore: 5,
} as const;

/** Behind them the numbers of the step buffer, step after step. */
export const WORK_HEAD = 8;
