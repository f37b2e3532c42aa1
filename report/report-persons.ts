/** Error by person: a row each with a dot a method, or with many persons a row a method with a dot each. */

import { formatCount, formatDegrees } from '../base/format.ts';
import type { ErrorGroup } from './grouped-errors.ts';
import { intervalMark, type SlotOf } from './report-marks.ts';
import {
  escapeHtml,
  extent,
  figureSvg,
  type Frame,
  linearScale,
  px,
  type Scale,
  xAxis,
} from './report-svg.ts';
import { cell, table } from './report-tables.ts';
import { mean } from '../base/statistics.ts';

type Person = ErrorGroup<string>;

/** More persons than this are dots in the rows of the methods. */
const mostRows = 30;

/** More dots than this hide each other: then every so many persons have one, those with the largest errors all. */
const mostDots = 300;
const alwaysDrawn = 30;

/** More rows than anybody reads; those with the largest errors. */
const mostNumbers = 200;

interface Parts {
  methods: readonly string[];
  slotOf: SlotOf;
}

/** @param persons With an error each; those with the largest first. */
export function personFigure(persons: readonly Person[], parts: Parts): string {
  const isMany = persons.length > mostRows;
  const caption = isMany
    ? `${persons.length > mostDots ? `Small dots: every ${strideOf(persons)}th person, and the ${alwaysDrawn} with the largest errors` : 'A small dot a person'}. Bar: from the lower to the upper quartile of the persons; large dot: their median.
Hardest, on average over the methods: ${escapeHtml(hardest(persons))}.`
    : 'Mean over the test rows of a person; those with the largest errors first.';
  return `<figure><h3>Error by person</h3>${isMany ? methodRows(persons, parts) : personRows(persons, parts)}
<figcaption>${caption}</figcaption>${numbers(persons, parts.methods)}</figure>`;
}

const axisTitle = 'mean test angular error (°)';

function errorScale(persons: readonly Person[], frame: Frame): Scale {
  const high = extent(persons.flatMap(({ means }) => [...means.values()]))[1];
  return linearScale([0, high * 1.04 || 1], [frame.left, frame.width - frame.right], 5);
}

function personRows(persons: readonly Person[], { methods, slotOf }: Parts): string {
  const rowHeight = 14 + 2 * methods.length;
  const letters = Math.max(...persons.map(({ key }) => clipped(key).length));
  const height = rowHeight * persons.length + 76;
  const frame: Frame = { width: 520, height, left: 20 + 8.2 * letters, right: 76, top: 28, bottom: 48 };
  const end = frame.width - 2;
  const x = errorScale(persons, frame);
  const rows = persons.map((person, i) => {
    const y = frame.top + rowHeight * (i + 0.5);
    // Methods from the top of the row to its bottom, in order, so that dots do not hide each other.
    const lane = (method: number) => y + (method - (methods.length - 1) / 2) * 2.4;
    const dots = methods.map((method, m) => dotOf(person, method, { x, y: lane(m), slotOf, radius: 4 }));
    return (
      `<path class="grid" d="M${frame.left} ${px(y + rowHeight / 2)}H${frame.width - frame.right}"/>` +
      `<text class="row-label end middle" x="${frame.left - 10}" y="${px(y)}">${escapeHtml(clipped(person.key))}</text>` +
      `${dots.join('')}<text class="tick end middle" x="${end}" y="${px(y)}">${formatCount(person.rows)}</text>`
    );
  });
  const description = `Mean test angular error of ${persons.length} persons by method, largest first: ${hardest(persons)}.`;
  const head = `<text class="tick end" x="${end}" y="${frame.top - 10}">test rows</text>`;
  const body = xAxis(frame, x, axisTitle, { hasGrid: true }) + head + rows.join('');
  return figureSvg('persons', frame, { title: 'Error by person', description, kind: 'medium rows' }, body);
}

function methodRows(persons: readonly Person[], { methods, slotOf }: Parts): string {
  const rowHeight = 46;
  const height = rowHeight * methods.length + 58;
  const frame: Frame = { width: 520, height, left: 122, right: 66, top: 10, bottom: 48 };
  const x = errorScale(persons, frame);
  const lines = methods.flatMap((method, i) => {
    const errors = persons.flatMap(({ means }) => means.get(method) ?? []).toSorted((a, b) => a - b);
    if (errors.length === 0) return [];
    const y = frame.top + rowHeight * (i + 0.5);
    // Heights that repeat late: the golden ratio's multiples.
    const lane = (person: number) => y + (((person * 0.618034) % 1) - 0.5) * rowHeight * 0.66;
    const dots = drawnPersons(persons).map((person, p) =>
      dotOf(person, method, { x, y: lane(p), slotOf, radius: 2.5 }),
    );
    const middle = quantile(errors, 0.5);
    const ends = [quantile(errors, 0.25), quantile(errors, 0.75)] as const;
    const svg =
      `<text class="row-label end middle" x="${frame.left - 10}" y="${px(y)}">${escapeHtml(method)}</text>` +
      `${dots.join('')}${intervalMark(x, y, { middle, ends, slot: slotOf(method) })}` +
      `<text class="row-value end middle" x="${frame.width - 2}" y="${px(y)}">${formatDegrees(middle)}</text>`;
    return [{ svg, words: `${method} ${formatDegrees(middle)}` }];
  });
  const description = `Median over ${persons.length} persons: ${lines.map(({ words }) => words).join('; ')}.`;
  const body = xAxis(frame, x, axisTitle, { hasGrid: true }) + lines.map(({ svg }) => svg).join('');
  return figureSvg('persons', frame, { title: 'Error by person', description, kind: 'medium' }, body);
}

function strideOf({ length }: readonly Person[]): number {
  return Math.max(1, Math.ceil(length / mostDots));
}

function drawnPersons(persons: readonly Person[]): readonly Person[] {
  const stride = strideOf(persons);
  return persons.filter((_, i) => i < alwaysDrawn || i % stride === 0);
}

/** Empty where the method did not test this person. */
function dotOf(
  { key, means }: Person,
  method: string,
  { x, y, slotOf, radius }: { x: Scale; y: number; slotOf: SlotOf; radius: number },
): string {
  const error = means.get(method);
  if (error === undefined) return '';
  const title = escapeHtml(`${method}, ${key}: ${formatDegrees(error)}`);
  const at = `cx="${px(x(error))}" cy="${px(y)}" r="${radius}"`;
  return `<circle class="dot ${slotOf(method)}" ${at}><title>${title}</title></circle>`;
}

/** Linear between the two neighbours, of sorted numbers. */
function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
  return below + (above - below) * (at - Math.floor(at));
}

function hardest(persons: readonly Person[]): string {
  const words = persons.slice(0, 3).map(({ key, means }) => {
    return `${key} (${formatDegrees(mean([...means.values()]))})`;
  });
  return words.join(', ');
}

/** A name of at most 16 characters, with its end, which often is a number. */
function clipped(name: string): string {
  return name.length > 16 ? `${name.slice(0, 9)}…${name.slice(-6)}` : name;
}

function numbers(persons: readonly Person[], methods: readonly string[]): string {
  const titles = ['person', 'test rows', ...methods];
  const head = titles
    .map((title, i) => cell('th', title, i === 0 ? 'left' : 'right', ' scope="col"'))
    .join('');
  const rows = persons.slice(0, mostNumbers).map(({ key, rows: count, means }) => {
    const cells = methods.map((method) => cell('td', formatDegrees(means.get(method) ?? NaN), 'right'));
    return `<tr>${cell('th', key, 'left', ' scope="row"')}${cell('td', formatCount(count), 'right')}${cells.join('')}</tr>`;
  });
  const inside = table('Errors by person', 'Mean angular error over the test rows of a person.', head, rows);
  const some = persons.length > mostNumbers ? `, the ${mostNumbers} with the largest errors` : '';
  return `<details><summary>Numbers by person${some}</summary>${inside}</details>`;
}
