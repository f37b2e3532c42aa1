/** What the page says when it cannot train: what is wrong, and what can be done about it here. */
import { adapterAdvice } from '../adapter-advice.ts';
import { element } from '../element.ts';
import type { FailureKind } from './protocol.ts';

export interface FailureActions {
  /** With the CPU instead. */
  useCpu?: () => void;
  /** From the last finished seed on. */
  goOn?: () => void;
}

export function failureMessage(kind: FailureKind, message: string, actions: FailureActions): HTMLElement {
  const button = (text: string, act: (() => void) | undefined) => {
    if (!act) return [];
    const made = element('button', { type: 'button' }, text);
    made.addEventListener('click', act);
    return [made];
  };
  const [title, paragraphs] = wordsOf(kind, message);
  const buttons = [
    ...button('Go on from the last finished seed', kind === 'device-lost' ? actions.goOn : undefined),
    ...button('Train on the CPU instead', isMissing(kind) ? actions.useCpu : undefined),
  ];
  return element(
    'div',
    { className: 'message error', attributes: { role: 'alert' } },
    element('p', {}, element('strong', {}, title)),
    ...paragraphs.map((text) => element('p', {}, text)),
    ...(buttons.length > 0 ? [element('div', { className: 'buttons' }, ...buttons)] : []),
  );
}

const isMissing = (kind: FailureKind) => kind === 'no-webgpu' || kind === 'no-adapter';

function wordsOf(kind: FailureKind, message: string): [title: string, paragraphs: string[]] {
  const cpu = 'The CPU gives the same kind of results in float64, slowly.';
  switch (kind) {
    case 'no-webgpu':
    case 'no-adapter': {
      const { title, advice } = adapterAdvice(kind);
      return [title, [...advice, cpu]];
    }
    case 'device-lost':
      return [
        'The GPU is gone.',
        [
          'A driver was reset, the machine slept, or another program took it. Finished seeds are kept; the others start ' +
            'anew and come out the same.',
        ],
      ];
    case 'not-finite':
      return ['The training went to infinity.', [`${message}.`]];
    default:
      return ['Something unexpected happened; this is a fault of the page.', [message]];
  }
}
