/** What the page says when it cannot train: what is wrong, and what can be done about it here. */
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
      if (!isSecureContext) {
        return [
          'WebGPU is switched off on this address.',
          [
            'Browsers give it to pages served by https or from localhost only. Open the page at such an address.',
            cpu,
          ],
        ];
      }
      return [
        'This browser has no WebGPU.',
        [
          'It is in Chrome and Edge (from 113 on Windows, macOS and ChromeOS, from 121 on Android), in Safari from 26, and ' +
            'in Firefox from 141 on Windows and 145 on Macs with Apple silicon.',
          'Chrome on Linux may need chrome://flags/#enable-unsafe-webgpu, or to be started with --enable-unsafe-webgpu.',
          cpu,
        ],
      ];
    case 'no-adapter':
      return [
        'This browser has WebGPU, but no adapter for it.',
        [
          'Usually the graphics driver is too old or on the block list, or hardware acceleration is switched off in the ' +
            'settings. chrome://gpu says which.',
          'Chrome brings a software adapter: start it with --enable-unsafe-webgpu --use-webgpu-adapter=swiftshader.',
          cpu,
        ],
      ];
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
