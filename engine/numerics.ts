/** Which numbers this version computes. */

/**
 * Raised by one whenever the bits of any training change on any adapter: another order of a sum, another approximation,
 * another random draw, another default. Runs, plans and stored teachers with different ones are never mixed.
 * `test/gpu/engine/numerics.test.ts` notices most such changes, and `npm run numerics -- --raise` does the rest.
 */
export const numerics = 2;
