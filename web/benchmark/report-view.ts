/** What has been measured so far as elements: the limits, the table, the roofline. */
import { BOUND_SLOTS, numbered, rooflineChart } from '../../bench/report/page-roofline.ts';
import { closingLines, columnsOf, type Report, type Row, workOf } from '../../bench/report/report.ts';
import { bar } from '../bars.ts';
import { element } from '../element.ts';
import { svgOf } from '../svg.ts';

export function limitFacts({ adapter, roofline }: Report): HTMLElement {
  const { fmaGflops, copyGBs, dispatchUs, submitReadUs } = roofline;
  const facts = [
    ['adapter', adapter],
    ['multiplications and additions', `${fmaGflops.toPrecision(3)} GFLOP/s`],
    ['copy, read and written', `${copyGBs.toPrecision(3)} GB/s`],
    ['small dispatch', `${dispatchUs.toPrecision(3)} µs`],
    ['submit that is read', `${submitReadUs.toFixed(0)} µs`],
  ] as const;
  return element(
    'dl',
    { className: 'facts', attributes: { 'aria-label': 'Limits of the adapter' } },
    ...facts.map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value))),
  );
}

/** Titles of `columnsOf` as they stand here; others are left out. */
const TITLES: Readonly<Record<string, string>> = {
  ...{ ms: 'median ms', least: 'least ms', spread: 'spread', 'GFLOP/s': 'GFLOP/s', 'GB/s': 'GB/s' },
  ...{ 'of limit': 'of limit', dispatches: 'dispatches', ratio: 'ratio' },
};

/** Rows in the order in which they were measured. */
export function rowTable(report: Report): HTMLElement {
  const columns = columnsOf(report).filter(({ title }) => title in TITLES);
  const head = columns.map(({ title }) =>
    element('th', { scope: 'col', className: 'number' }, TITLES[title]!),
  );
  const body = report.rows.map((row) => {
    const cells = columns.map(({ title, cell }) =>
      element(
        'td',
        { className: 'number' },
        ...(title === 'of limit'
          ? [
              bar(row.percentOfLimit / 100, BOUND_SLOTS[row.bound]),
              element('span', { className: 'share' }, cell(row)),
            ]
          : [cell(row)]),
      ),
    );
    return element('tr', {}, workCell(row), ...cells);
  });
  // Goals are for those who work on the kernels.
  const notes = closingLines(report).slice(1);
  return element(
    'section',
    {},
    element('h3', {}, 'Kernels'),
    element(
      'div',
      { className: 'scroll', tabIndex: 0, attributes: { role: 'region', 'aria-label': 'Kernels' } },
      element(
        'table',
        {},
        element('thead', {}, element('tr', {}, element('th', { scope: 'col' }, 'work'), ...head)),
        element('tbody', {}, ...body),
      ),
    ),
    element(
      'ul',
      { className: 'soft small notes' },
      ...notes.filter((line) => !/ goals? | wanted /.test(line)).map((line) => element('li', {}, line)),
    ),
  );
}

function workCell({ name, shape, variant }: Row): HTMLElement {
  const details = variant === '' ? shape : `${shape}, ${variant}`;
  return element('th', { scope: 'row' }, name, element('span', { className: 'soft small shape' }, details));
}

export function rooflineFigure({ rows, roofline }: Report): HTMLElement {
  const points = numbered(rows);
  const bounds = Object.entries(BOUND_SLOTS).map(([name, slot]) =>
    element(
      'li',
      {},
      svgOf(
        `<svg class="swatch" viewBox="0 0 12 12" aria-hidden="true"><rect class="${slot}" width="12" height="12" rx="6"/></svg>`,
      ),
      name,
    ),
  );
  const key = points.map(({ number, row }) =>
    element('li', {}, element('b', {}, String(number)), ` ${workOf(row)}`),
  );
  return element(
    'section',
    {},
    element('h3', {}, 'Roofline'),
    element('ul', { className: 'legend', attributes: { 'aria-label': 'Nearest limit' } }, ...bounds),
    element(
      'figure',
      {},
      ...(points.length > 0 ? [svgOf(rooflineChart(points, roofline))] : []),
      element(
        'figcaption',
        { className: 'soft small' },
        'Every kernel by its operations for each byte that it has to move, and its speed. The line: what memory (the slope) ' +
          'and arithmetic (the level) leave. Small works wait for their dispatch. Above the slope: operands stayed in a cache.',
      ),
    ),
    element('ol', { className: 'roofline-key' }, ...key),
  );
}
