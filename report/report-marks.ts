/** Which method has which colour, and what kept and rejected labels look like: one code for the whole report. */

import type { LabelPoints, MethodResult, SeedResult } from '../study/results.ts';
import { escapeHtml, px, type Scale } from './report-svg.ts';

/** Colour slots of the style sheet. Known methods keep theirs in every report. */
const slots: Readonly<Record<string, number>> = {
  teacher: 0,
  scratch: 1,
  'scratch-huber': 2,
  imitation: 3,
  'kd-mix': 4,
  tor: 5,
  'tor-dual': 6,
};
export const slotCount = 9;

export type SlotOf = (method: string) => string;

/** The class of a method's colour: 'm6'. Unknown methods get what is left over, the first ones each its own. */
export function slotClasses(methods: readonly string[]): SlotOf {
  const known = (method: string) => (Object.hasOwn(slots, method) ? slots[method] : undefined);
  const unknown = methods.filter((method) => known(method) === undefined);
  const taken = new Set(methods.map(known));
  // From the slots that nobody has by name.
  const free = Array.from({ length: slotCount }, (_, i) => (i + 7) % slotCount).filter(
    (slot) => slot !== slots.teacher && !taken.has(slot),
  );
  return (method) => `m${known(method) ?? free[Math.max(0, unknown.indexOf(method)) % free.length]}`;
}

/** Those of which some seed has a result that there is something to draw of. */
export function methodsWith(
  seeds: readonly SeedResult[],
  methods: readonly string[],
  isDrawn: (result: MethodResult) => boolean,
): string[] {
  const drawn = new Set(seeds.flatMap(({ results }) => results.filter(isDrawn).map(({ method }) => method)));
  return methods.filter((method) => drawn.has(method));
}

/** A short line in the method's colour and dashes, for legends. */
export function lineSample(slot: string): string {
  return `<svg class="sample" viewBox="0 0 26 10" aria-hidden="true"><path class="line ${slot}" d="M1 5H25"/></svg>`;
}

/** A legend of lines; with `toggleOf`, a check box each that shows and hides what has that class. */
export function legend(methods: readonly string[], slotOf: SlotOf, toggleOf?: SlotOf): string {
  const items = methods.map((method) => {
    const box = toggleOf === undefined ? '' : `<input type="checkbox" id="${toggleOf(method)}" checked>`;
    const inside = `${box}${lineSample(slotOf(method))}${escapeHtml(method)}`;
    return toggleOf === undefined ? `<li>${inside}</li>` : `<li><label>${inside}</label></li>`;
  });
  return `<ul class="legend">${items.join('')}</ul>`;
}

/** A large dot over a line with an end each; without `ends` the dot alone. */
export function intervalMark(
  x: Scale,
  y: number,
  { middle, ends, slot }: { middle: number; ends: readonly [number, number] | null; slot: string },
): string {
  const at = px(y);
  const stroke = (end: number) => `M${px(x(end))} ${px(y - 5)}v10`;
  const line =
    ends === null
      ? ''
      : `<path class="interval ${slot}" d="M${px(x(ends[0]))} ${at}H${px(x(ends[1]))}${ends.map(stroke).join('')}"/>`;
  return `${line}<circle class="mean ${slot}" cx="${px(x(middle))}" cy="${at}" r="5"/>`;
}

/** Colour says whether a label was rejected, shape whether it truly was an outlier. */
export const labelKinds = [
  { name: 'kept', words: 'clean, kept', isOutlier: false, isRejected: false, shape: () => 'h0' },
  {
    name: 'rejected',
    words: 'outlier, rejected',
    isOutlier: true,
    isRejected: true,
    shape: () => 'm-3-3l6 6m0-6l-6 6',
  },
  {
    name: 'missed',
    words: 'outlier, missed',
    isOutlier: true,
    isRejected: false,
    shape: () => 'm0-3.6l3.4 6.2h-6.8z',
  },
  {
    name: 'wronged',
    words: 'clean, wrongly rejected',
    isOutlier: false,
    isRejected: true,
    shape: () => 'm-3.2 0a3.2 3.2 0 1 0 6.4 0a3.2 3.2 0 1 0-6.4 0',
  },
] as const;

/** Where nobody knows the outliers, the mask is not judged: only its two kinds are left. */
function kindsOf(
  points: LabelPoints,
): { words: string; name: string; shape: () => string; indices: number[] }[] {
  if (points.rejected.length === 0) return kindsBefore(points);
  const truth = points.outlier ?? points.rejected;
  return labelKinds
    .filter(({ isOutlier, isRejected }) => points.outlier !== null || isOutlier === isRejected)
    .map((kind) => ({
      ...kind,
      words: points.outlier === null ? kind.name : kind.words,
      indices: points.x.flatMap((_, i) =>
        truth[i] === kind.isOutlier && points.rejected[i] === kind.isRejected ? [i] : [],
      ),
    }));
}

/** Before there is a mask: labels, and outliers where they are known. */
function kindsBefore({ x, outlier }: LabelPoints): ReturnType<typeof kindsOf> {
  const indices = (isOutlier: boolean) =>
    x.flatMap((_, i) => ((outlier?.[i] ?? false) === isOutlier ? [i] : []));
  const [kept, , missed] = labelKinds;
  const clean = { ...kept, words: outlier ? 'clean' : 'label', indices: indices(false) };
  return outlier ? [clean, { ...missed, words: 'outlier', indices: indices(true) }] : [clean];
}

/** The first so many points: a fair sample, and a file that a browser can show. */
export function drawnPoints(points: LabelPoints, count: number): LabelPoints {
  const cut = <T>(values: T[]) => values.slice(0, count);
  const { against, x, y, outlier, rejected } = points;
  return { against, x: cut(x), y: cut(y), outlier: outlier && cut(outlier), rejected: cut(rejected) };
}

/**
 * Training labels of a seed: a path for each kind, so that thousands of points stay a small file. What the mask
 * got right lies under the curves, its few mistakes above them.
 */
export function labelMarks(points: LabelPoints, x: Scale, y: Scale, which: 'right' | 'wrong'): string {
  const isRight = ({ name }: { name: string }) => name === 'kept' || name === 'rejected';
  return kindsOf(points)
    .filter((kind) => isRight(kind) === (which === 'right'))
    .map((kind) => {
      const marks = kind.indices.map((i) => `M${px(x(points.x[i]!))} ${px(y(points.y[i]!))}${kind.shape()}`);
      return `<path class="label ${kind.name}" d="${marks.join('')}"/>`;
    })
    .join('');
}

/** What the marks mean, with how many there are of each. */
export function labelLegend(points: LabelPoints): string {
  const items = kindsOf(points).map((kind) => {
    const sample =
      `<svg class="sample mark" viewBox="0 0 12 12" aria-hidden="true">` +
      `<path class="label ${kind.name}" d="M6 6${kind.shape()}"/></svg>`;
    return `<li>${sample}${kind.words} <b>${kind.indices.length}</b></li>`;
  });
  return `<ul class="legend marks">${items.join('')}</ul>`;
}
