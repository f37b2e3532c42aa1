/** The loss as a file of TypeScript, to copy. */
import { element } from '../element.ts';
import type { LossSource } from './source.ts';
import { lossAsTypeScript } from './typescript.ts';

export interface Export {
  readonly dom: HTMLElement;
  /** Without a source there is an error in the loss, and nothing to copy. */
  show(source: LossSource | undefined): void;
}

const HINT = 'my-loss.ts, for npm run loss -- my-loss.ts';

export function createExport(): Export {
  const code = element('code');
  const text = element(
    'pre',
    { className: 'scroll', tabIndex: 0, attributes: { 'aria-label': 'my-loss.ts' } },
    code,
  );
  const details = element('details', {}, element('summary', {}, 'my-loss.ts'), text);
  const copy = element('button', { type: 'button' }, 'Copy as TypeScript');
  const link = element('button', { type: 'button' }, 'Copy link');
  const status = element('span', { className: 'soft small', attributes: { role: 'status' } }, HINT);

  const put = async (what: string, done: string) => {
    try {
      await navigator.clipboard.writeText(what);
      status.textContent = done;
    } catch {
      // No permission, or no secure page: then by hand.
      details.open = true;
      getSelection()?.selectAllChildren(text);
      status.textContent = 'This browser does not let the page copy: the text is selected.';
    }
  };
  copy.addEventListener(
    'click',
    () => void put(code.textContent ?? '', 'Copied: save it as my-loss.ts, then npm run loss -- my-loss.ts'),
  );
  link.addEventListener('click', () => void put(location.href, 'Copied the link to this loss.'));
  return {
    dom: element(
      'div',
      { className: 'loss-export' },
      element('div', { className: 'buttons' }, copy, link, status),
      details,
    ),
    show(source) {
      copy.disabled = !source;
      code.textContent = source ? lossAsTypeScript(source) : 'There is an error in the loss.';
      status.textContent = HINT;
    },
  };
}
