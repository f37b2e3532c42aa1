/** Pictures of one seed: rejected training labels, accepted ones, test rows; each with the gazes drawn in. */

import { RADIANS } from '../datasets/images/angles.ts';
import { angularError } from '../datasets/images/gaze.ts';
import { formatDegrees } from '../base/format.ts';
import { type Gaze, gazePicture, gazesOf } from './report-gaze.ts';
import { seedChoice } from './report-labels.ts';
import type { SlotOf } from './report-marks.ts';
import { escapeHtml } from './report-svg.ts';
import type { ImageFindings, SeedResult, ShownImage, StudyConfig, Summary } from '../study/results.ts';
import { mainComparison } from './verdict.ts';

/** Pictures of at most so many seeds are in the page: what one holds is about a fifth of a megabyte. */
const mostSeedsShown = 5;

/** What is seen at once of each kind; the others are there to be opened. */
const shownAtOnce = 12;

interface Kind {
  title: string;
  images: readonly ShownImage[];
  /** Lines below a picture, besides the person. */
  wordsOf: (image: ShownImage) => { number: string; note: string };
  caption: string;
}

export function gallerySection(
  config: StudyConfig,
  summary: Summary,
  seeds: readonly SeedResult[],
  slotOf: SlotOf,
): string {
  const methods = summary.rows.map(({ method }) => method);
  const main = mainComparison(summary)?.method ?? methods.at(-1) ?? 'teacher';
  const gazes = gazesOf(methods, slotOf);
  const isFirst = ({ name }: Gaze, i: number) => i < 2 || name === 'teacher' || name === main;
  const boxes = gazes.map(
    (gaze, i) =>
      `<li><label><input type="checkbox" id="${gaze.toggle}"${isFirst(gaze, i) ? ' checked' : ''}>` +
      `<svg class="sample gaze" viewBox="0 0 26 10" aria-hidden="true"><path class="halo" d="${sample}"/>` +
      `<path class="${gaze.look}" d="${sample}"/></svg>${escapeHtml(gaze.name)}</label></li>`,
  );
  const isDial = config.target.length === 1;
  const reading = isDial
    ? 'The dials are seen from above, with the camera at their lower end: a head that faces it points down.'
    : 'Arrows are gazes as the camera sees them; one to the left or right edge is 30° off the camera.';
  return `<section class="gallery"><h2>Pictures and gaze</h2>
<div class="chooser">${seedChoice(seeds)}<ul class="legend" aria-label="What is drawn">${boxes.join('')}</ul></div>
<p class="note">${reading}</p>
${seeds.map((seed, i) => `<div class="by-seed seed-${seed.seed}">${gallery(config, seed, { gazes, main, isShown: i < mostSeedsShown })}</div>`).join('\n')}
</section>`;
}

/** Check boxes hide what they stand for. */
export function gallerySwitches(methods: readonly string[], slotOf: SlotOf): string[] {
  return gazesOf(methods, slotOf).map(
    ({ toggle }) => `main:has(#${toggle}:not(:checked)) g.${toggle}{display:none}`,
  );
}

const sample = 'M2 5H24l-6 -3.6M24 5l-6 3.6';

function gallery(
  { target }: StudyConfig,
  { seed, images }: SeedResult,
  { gazes, main, isShown }: { gazes: readonly Gaze[]; main: string; isShown: boolean },
): string {
  if (!isShown)
    return `<p class="note">This page has the pictures of the first ${mostSeedsShown} seeds alone.</p>`;
  const kinds =
    images === undefined
      ? []
      : kindsOf(images, { main, angles: target.length }).filter((kind) => kind.images.length > 0);
  if (kinds.length === 0) return '<p class="note">No pictures of this seed.</p>';
  return kinds
    .map((kind, k) => {
      const items = kind.images.map((image, i) => {
        const picture = gazePicture(image, images!, { id: `picture-${seed}-${k}-${i}`, gazes, target });
        const { number, note } = kind.wordsOf(image);
        return (
          `<li>${picture}<p><b>${escapeHtml(image.person)}</b> <span>${number}</span></p>` +
          `${note === '' ? '' : `<p>${escapeHtml(note)}</p>`}</li>`
        );
      });
      const rest = items.slice(shownAtOnce);
      const more =
        rest.length === 0
          ? ''
          : `<details><summary>${rest.length} more</summary><ul class="pictures">${rest.join('\n')}</ul></details>`;
      return `<figure><h3>${kind.title}</h3>
<ul class="pictures">${items.slice(0, shownAtOnce).join('\n')}</ul>${more}
<figcaption>${kind.caption}</figcaption></figure>`;
    })
    .join('\n');
}

function kindsOf({ shown }: ImageFindings, { main, angles }: { main: string; angles: number }): Kind[] {
  const training = shown
    .filter(({ part }) => part === 'train')
    .toSorted((a, b) => (b.residual || 0) - (a.residual || 0));
  const rejected = training.filter(({ isRejected }) => isRejected);
  const judged = rejected.map(isTrulyWrong).filter((isWrong) => isWrong !== null);
  const score =
    judged.length === 0
      ? ''
      : ` Rejected rightly: ${judged.filter(Boolean).length} of these ${judged.length}; there the label lies farther from the truth than the teacher.`;
  const errorOf = ({ predicted, truth, label }: ShownImage, method: string) =>
    formatDegrees(angleBetween(predicted[method] ?? null, truth ?? label) ?? NaN, 1);
  const residual = ({ residual: angle }: ShownImage) => (angle === null ? '–' : formatDegrees(angle, 1));
  return [
    {
      title: 'Rejected training labels',
      images: rejected,
      wordsOf: (image) => {
        const isWrong = isTrulyWrong(image);
        const note = isWrong === null ? '' : `${isWrong ? 'rightly' : 'wrongly'}: ${labelOff(image)}`;
        return { number: residual(image), note };
      },
      caption: `Those farthest from the teacher first${angles > 1 ? '; of each, one angle at least is rejected' : ''}. The number: between label and teacher.${score}`,
    },
    {
      title: 'Accepted training labels',
      images: training.filter(({ isRejected }) => !isRejected),
      wordsOf: (image) => ({ number: residual(image), note: labelOff(image) }),
      caption: 'The number: between label and teacher.',
    },
    {
      title: 'Test rows',
      images: shown.filter(({ part }) => part === 'test'),
      wordsOf: (image) => ({
        number: errorOf(image, main),
        note: main === 'teacher' || !image.predicted.teacher ? '' : `teacher ${errorOf(image, 'teacher')}`,
      }),
      caption: `The number: between ${escapeHtml(main)} and the truth.`,
    },
  ];
}

function labelOff({ label, truth }: ShownImage): string {
  const error = angleBetween(label, truth);
  return error === null ? '' : `label ${formatDegrees(error, 1)} off`;
}

/** Whether the label is farther from the truth than the teacher; null where the truth is not known. */
function isTrulyWrong({ label, truth, predicted }: ShownImage): boolean | null {
  const [ofLabel, ofTeacher] = [angleBetween(label, truth), angleBetween(predicted.teacher ?? null, truth)];
  return ofLabel === null || ofTeacher === null ? null : ofLabel > ofTeacher;
}

/** Degrees between two gazes or two yaws; null where one is missing or not a number. */
function angleBetween(a: readonly number[] | null, b: readonly number[] | null): number | null {
  if (a === null || b === null) return null;
  const radians = (angles: readonly number[]) => [angles[0]! * RADIANS, angles[1]! * RADIANS] as const;
  const degrees = a.length === 1 ? Math.abs(a[0]! - b[0]!) : angularError(radians(a), radians(b));
  return Number.isFinite(degrees) ? degrees : null;
}
