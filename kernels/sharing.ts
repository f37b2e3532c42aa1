/** Lanes of a subgroup that load one number each and hand it round, where a load costs a gather for each lane. */

/** Neighbouring lanes of a subgroup that load a number each and hand them round; 0 where each loads all for itself. */
export type Sharing = 0 | 4 | 8;

/** A load, and a number handed round, in products; measured on llvmpipe 25.0. */
export const LOAD_COST = 8;
export const SHARING_COST = 1.5;
