/** `dawn.ts` for bundles that run in browsers: "browser" in package.json. */
import type * as dawn from './dawn.ts';
import { AdapterError, NO_ADAPTER } from './device-errors.ts';

export const DAWN_CURE: typeof dawn.DAWN_CURE = 'bundle for Node instead';

export const dawnInstance: typeof dawn.dawnInstance = () => {
  throw new AdapterError(`${NO_ADAPTER}: this bundle was made for browsers; ${DAWN_CURE}`);
};
export const dawnNames: typeof dawn.dawnNames = async () => [];
