/** Bars beside their numbers, as elements: text keeps its size on every screen. */
import { element } from './element.ts';

export interface BarRow {
  readonly label: string;
  readonly value: number;
  readonly text: string;
  /** Class of its colour. */
  readonly slot: string;
}

const NAMESPACE = 'http://www.w3.org/2000/svg';

/** From 0 to the largest of them. */
export function bars(title: string, rows: readonly BarRow[]): HTMLElement {
  const most = Math.max(...rows.map(({ value }) => value));
  return element(
    'div',
    { className: 'bars', attributes: { role: 'group', 'aria-label': title } },
    element('div', { className: 'bars-title' }, title),
    ...rows.flatMap(({ label, value, text, slot }) => [
      element('span', { className: 'soft' }, label),
      bar(value / most, slot),
      element('span', { className: 'number' }, text),
    ]),
  );
}

/** A bar that fills so much of its place; it says nothing to screen readers. */
export function bar(share: number, slot: string): Element {
  const svg = document.createElementNS(NAMESPACE, 'svg');
  svg.setAttribute('aria-hidden', 'true');
  const rect = document.createElementNS(NAMESPACE, 'rect');
  for (const [name, value] of Object.entries({
    class: slot,
    width: `${Math.min(100, 100 * share)}%`,
    height: '100%',
  }))
    rect.setAttribute(name, value);
  svg.append(rect);
  return svg;
}
