/** `patience.ts` for bundles that run in browsers, which wait without keeping a core busy: "browser" in package.json. */
import type * as patience from './patience.ts';

export const patienceOf: typeof patience.patienceOf = () => (promise) => promise;
export const withoutHaste: typeof patience.withoutHaste = (_, promise) => promise;
