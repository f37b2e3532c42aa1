/**
 * The page docs/conformance.md: a column for each place where the cases ran. The page keeps the figures of every column
 * in a comment, so that writing one leaves the others as they are.
 */
import {
  countsOf,
  type Counts,
  derivedOf,
  distanceText,
  failuresOf,
  failureText,
  skippedOf,
} from './report.ts';
import type { Result } from './run.ts';

/** What one run has shown. */
export interface Column extends Counts {
  /** 'lavapipe, Node' */
  title: string;
  adapter: string;
  host: string;
  limbeck: string;
  date: string;
  rows: Record<string, Row>;
  failures: readonly string[];
  notApplicable: readonly string[];
  derived: readonly string[];
}

interface Row {
  cases: number;
  passed: number;
  /** The passed case nearest to its tolerance. */
  nearest: string;
}

const MARK = /^<!-- column (.*) -->$/gm;
const SEVERAL = 'graphs of several operators';

export function columnOf(
  results: readonly Result[],
  about: Pick<Column, 'adapter' | 'host' | 'limbeck' | 'date'>,
): Column {
  const rows: Record<string, Row> = {};
  for (const [operator, some] of byOperator(results)) {
    const { passed, total } = countsOf(some);
    rows[operator] = { cases: total, passed, nearest: nearestOf(some) };
  }
  return {
    title: titleOf(about),
    ...about,
    ...countsOf(results),
    rows,
    failures: failuresOf(results).map((failed) => `${failed.name}: ${failureText(failed)}`),
    notApplicable: skippedOf(results).map(({ name, reason }) => `${name}: ${reason}`),
    derived: derivedOf(results).map(({ name, tolerance }) => `${name}: ${tolerance.value} ULP`),
  };
}

/** The page with this column in place of the one of the same title, or as another. */
export function pageWith(column: Column, page: string): string {
  // The cast: only `render` below writes these lines.
  const known = [...page.matchAll(MARK)].map(([, text]) => JSON.parse(text!) as Column);
  const index = known.findIndex(({ title }) => title === column.title);
  return render(index < 0 ? [...known, column] : known.with(index, column));
}

function titleOf({ adapter, host }: { adapter: string; host: string }): string {
  const short = /llvmpipe/.test(adapter)
    ? 'lavapipe'
    : /swiftshader/i.test(adapter)
      ? 'SwiftShader'
      : adapter;
  return `${short}, ${host.split(' ')[0]}`;
}

function byOperator(results: readonly Result[]): [string, Result[]][] {
  const groups = new Map<string, Result[]>();
  for (const result of results) {
    const operator = result.op.includes(' + ') ? SEVERAL : result.op;
    groups.set(operator, [...(groups.get(operator) ?? []), result]);
  }
  return [...groups].sort(
    ([a], [b]) => Number(a === SEVERAL) - Number(b === SEVERAL) || a.localeCompare(b, 'en'),
  );
}

function nearestOf(results: readonly Result[]): string {
  let [text, largest] = ['', -1];
  for (const result of results) {
    if (result.kind !== 'passed' || !result.worst) continue;
    const { worst, tolerance } = result;
    const share = worst.distance / Math.max(tolerance.value, Number.MIN_VALUE);
    // Of equal shares, such as 0 of 8 and 0 of 18, the first.
    if (share > largest) [text, largest] = [distanceText(worst, tolerance), share];
  }
  return text || '–';
}

function render(columns: readonly Column[]): string {
  const operators = Object.keys(Object.assign({}, ...columns.map(({ rows }) => rows)) as Record<string, Row>);
  const cells = (row: Row | undefined) => (row ? [`${row.passed} of ${row.cases}`, row.nearest] : ['–', '–']);
  const table = [
    ['operator', ...columns.flatMap(({ title }) => [title, 'nearest to its tolerance'])],
    ['---', ...columns.flatMap(() => ['---:', '---:'])],
    ...operators.map((operator) => [operator, ...columns.flatMap(({ rows }) => cells(rows[operator]))]),
    [
      '**all**',
      ...columns.flatMap(({ passed, applicable, total }) => [
        `**${passed} of ${total}**`,
        applicable === total ? '' : `${total - applicable} not applicable`,
      ]),
    ],
  ].map((row) => `| ${row.join(' | ')} |`);
  return `${[
    '# Conformance',
    '',
    'The float32 cases of the conformance tests of WebNN (web-platform-tests), run through the engine on the GPU, each at',
    'its own tolerance. Distances are in units in the last place (ULP) of float32, or absolute where the case says so.',
    'Written by `npm run conformance -- --vectors DIR --write`, with `--host chromium` for the browser.',
    '',
    '| where | adapter | host | limbeck | passed | failed | not applicable | date |',
    '| --- | --- | --- | --- | ---: | ---: | ---: | --- |',
    ...columns.map(
      ({ title, adapter, host, limbeck, passed, failed, applicable, total, date }) =>
        `| ${[title, adapter, host, limbeck, passed, failed, total - applicable, date].join(' | ')} |`,
    ),
    '',
    'In each column: how many cases passed, and of these the one that is nearest to its tolerance.',
    '',
    ...table,
    '',
    '## Failed',
    '',
    ...entries(columns, ({ failures }) => failures),
    '',
    '## Not applicable',
    '',
    ...entries(columns, ({ notApplicable }) => notApplicable),
    '',
    '## Without a tolerance of their own',
    '',
    'The program that wrote the vectors could not compute the tolerance of some graphs. They are held to the rule that',
    'WebNN’s tests state: the sum of the tolerances of their operators.',
    '',
    ...entries(columns, ({ derived }) => derived),
    '',
    ...columns.map((column) => `<!-- column ${JSON.stringify(column)} -->`),
  ].join('\n')}\n`;
}

/** What columns have in common is said once. */
function entries(columns: readonly Column[], pick: (column: Column) => readonly string[]): string[] {
  const places = new Map<string, string[]>();
  for (const column of columns) {
    for (const entry of pick(column)) places.set(entry, [...(places.get(entry) ?? []), column.title]);
  }
  const where = (titles: readonly string[]) =>
    titles.length === columns.length ? '' : ` (${titles.join('; ')})`;
  return places.size === 0 ? ['None.'] : [...places].map(([entry, titles]) => `- ${entry}${where(titles)}`);
}
