/** Lanes of a subgroup that load one number each and hand it round, where a load costs a gather for each lane. */

/** Neighbouring lanes of a subgroup that load a number each and hand them round; 0 where each loads all for itself. */
export type Sharing = 0 | 4 | 8;

/** A load, and a number handed round, in products; measured on llvmpipe 25.0. */
const LOAD_COST = 8;
const SHARING_COST = 1.5;

/** What a tile with so many loads and numbers handed round takes, in products. */
export function costOf({
  products,
  loads,
  shared = 0,
}: {
  products: number;
  loads: number;
  shared?: number;
}): number {
  return products + LOAD_COST * loads + SHARING_COST * shared;
}

/** The first of those that cost least. */
export function cheapest<T>(all: readonly T[], cost: (one: T) => number): T {
  return all.reduce((best, one) => (cost(one) < cost(best) ? one : best));
}
