/** The tab loss; its own branch brings it. */
import type { Mount } from '../tab.ts';

export const mount: Mount = (root) => {
  root.textContent = 'The tab loss is not here yet.';
  return { show() {}, hide() {} };
};
