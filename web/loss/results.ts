/** What a check found: a line a check, and a table and bars of the times. */
import type { LossTiming } from '../../bench/time-loss.ts';
import type { Difference } from '../../engine/check/difference.ts';
import { formatCount } from '../../base/format.ts';
import { bars } from '../bars.ts';
import { element } from '../element.ts';

export interface Results {
  readonly dom: HTMLElement;
  start(titles: readonly string[]): void;
  checked(index: number, failure: Difference | undefined): void;
  timing(shape: readonly number[]): void;
  timed(timing: LossTiming): void;
  finish(): void;
  /** Ends with a sentence instead of a verdict. */
  stop(message: string): void;
  /** The loss is another one by now. */
  outdate(): void;
}

/** @param adapter asked for its name when there is something to say of it */
export function createResults(adapterName: () => string): Results {
  const verdict = element('p', { className: 'verdict', attributes: { role: 'status' } }, 'Not checked yet.');
  const list = element('ul', { className: 'loss-checks' });
  const times = element('div');
  const dom = element(
    'section',
    { className: 'card loss-results', attributes: { 'aria-label': 'Check and times' } },
    element('h2', {}, 'Check and times'),
    verdict,
    list,
    times,
  );
  let items: HTMLElement[] = [];
  let failed = 0;
  let timings: LossTiming[] = [];

  const say = (text: string, kind: '' | 'good' | 'bad' = '') => {
    verdict.textContent = text;
    verdict.className = `verdict ${kind}`;
  };
  return {
    dom,
    start(titles) {
      dom.classList.remove('outdated');
      failed = 0;
      timings = [];
      times.replaceChildren();
      items = titles.map((title) => element('li', { className: 'waiting' }, title));
      list.replaceChildren(...items);
      say(titles.length > 0 ? 'Checking …' : 'Starting …');
    },
    checked(index, failure) {
      const item = items[index];
      if (!item) return;
      item.className = failure ? 'failed' : 'passed';
      if (!failure) return;
      failed++;
      item.append(failureDetail(failure));
    },
    timing: (shape) => say(`Right. Timing ${formatCount(shape[0]!)} samples …`, 'good'),
    timed(timing) {
      timings.push(timing);
      times.replaceChildren(timeTable(timings, adapterName()), ...timings.map(timeBars));
    },
    finish() {
      const count = items.length;
      if (failed > 0)
        say(`Wrong: ${failed} of ${count} checks failed. A loss that is wrong is not timed.`, 'bad');
      else say(`Right: all ${count} checks passed.`, 'good');
    },
    stop(message) {
      for (const item of items) if (item.className === 'waiting') item.className = 'skipped';
      say(message);
    },
    outdate: () => void (items.length > 0 && dom.classList.add('outdated')),
  };
}

function failureDetail({ what, element: index, at, got, wanted }: Difference): HTMLElement {
  const row = (name: string, value: string) =>
    element('div', {}, element('dt', {}, name), element('dd', {}, value));
  const where = `${what}${index === undefined ? '' : `, element ${index}`}${at ? ` (${at})` : ''}`;
  return element(
    'dl',
    { className: 'failure' },
    row('where', where),
    row('expected', String(wanted)),
    row('got', String(got)),
  );
}

const ms = (value: number) => `${value.toPrecision(3)} ms`;

function timeTable(timings: readonly LossTiming[], adapter: string): HTMLElement {
  const head = ['samples', 'fused', 'composed', 'ratio', 'dispatches'];
  const rows = timings.map(({ shape, fusedMs, composedMs, ratio, fusedDispatches, composedDispatches }) => [
    shape.map(formatCount).join('×'),
    ms(fusedMs),
    ms(composedMs),
    `${ratio.toFixed(2)}×`,
    `${fusedDispatches} against ${composedDispatches}`,
  ]);
  return element(
    'div',
    { className: 'scroll', tabIndex: 0, attributes: { role: 'region', 'aria-label': 'Times' } },
    element(
      'table',
      {},
      element('caption', { className: 'hint' }, `Value and gradient, medians, on ${adapter}`),
      element(
        'thead',
        {},
        element('tr', {}, ...head.map((text) => element('th', { className: 'number', scope: 'col' }, text))),
      ),
      element(
        'tbody',
        {},
        ...rows.map((cells) =>
          element('tr', {}, ...cells.map((text) => element('td', { className: 'number' }, text))),
        ),
      ),
    ),
  );
}

function timeBars({ shape, fusedMs, composedMs }: LossTiming): HTMLElement {
  return bars(`${shape.map(formatCount).join('×')} samples`, [
    { label: 'fused', value: fusedMs, text: ms(fusedMs), slot: 'm6' },
    { label: 'composed', value: composedMs, text: ms(composedMs), slot: 'm2' },
  ]);
}
