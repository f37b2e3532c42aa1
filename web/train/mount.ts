/** The tab Train. */
import type { Mount } from '../tab.ts';

export const mount: Mount = (root) => {
  root.textContent = 'Train';
  return { show() {}, hide() {} };
};
