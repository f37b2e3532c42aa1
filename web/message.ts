/** A box that says what is wrong; hidden while nothing is. */
import { adapterAdvice } from './adapter-advice.ts';
import { element } from './element.ts';

export interface Message {
  readonly dom: HTMLElement;
  show(title: string, paragraphs?: readonly string[]): void;
  /** No WebGPU here: what to do, and what works all the same. */
  showNoAdapter(...more: string[]): void;
  hide(): void;
}

export function createMessage(): Message {
  const dom = element('div', { className: 'message error', hidden: true, attributes: { role: 'alert' } });
  const show = (title: string, paragraphs: readonly string[] = []) => {
    dom.replaceChildren(
      element('p', {}, element('strong', {}, title)),
      ...paragraphs.map((text) => element('p', {}, text)),
    );
    dom.hidden = false;
  };
  return {
    dom,
    show,
    showNoAdapter(...more) {
      const { title, advice } = adapterAdvice();
      show(title, [...advice, ...more]);
    },
    hide: () => void (dom.hidden = true),
  };
}
