/** The section about single labels: fitted curves over them, or predictions beside them; one seed at a time. */

import { hasCleanFunction } from '../study/data/kinds/all.ts';
import { fitChart, gapLimit, gapPanels, mostPoints } from './report-fit.ts';
import { legend, methodsWith, type SlotOf } from './report-marks.ts';
import { predictionPanels, teacherCharts } from './report-predictions.ts';
import { formatCount } from '../base/format.ts';
import type { SeedResult, StudyConfig } from '../study/results.ts';

export function labelsSection(
  config: StudyConfig,
  seeds: readonly SeedResult[],
  methods: readonly string[],
  slotOf: SlotOf,
): string {
  const hasChoice = seeds.some(({ images }) => images !== undefined);
  const choice = hasChoice ? '<p class="note">Of the seed chosen above.</p>' : seedChoice(seeds);
  const isCurve = seeds[0]!.points.against === 'input';
  return isCurve
    ? curveSection(config, seeds, { methods, slotOf, choice })
    : predictionSection(config, seeds, { slotOf, choice });
}

/** Buttons that choose a seed. They are once in a page, before all that they choose from. */
export function seedChoice(seeds: readonly SeedResult[]): string {
  const buttons = seeds.map(
    ({ seed }, i) =>
      `<label class="seed"><input type="radio" name="seed" id="seed-${seed}"${i === 0 ? ' checked' : ''}>` +
      `<span>${seed}</span></label>`,
  );
  return `<fieldset><legend>Seed</legend>${buttons.join('')}</fieldset>`;
}

interface Parts {
  methods: readonly string[];
  slotOf: SlotOf;
  /** The buttons that choose a seed, or where they are. */
  choice: string;
}

function bySeed(seeds: readonly SeedResult[], draw: (seed: SeedResult) => string): string {
  return seeds.map((seed) => `<div class="by-seed seed-${seed.seed}">${draw(seed)}</div>`).join('\n');
}

function curveSection(
  config: StudyConfig,
  seeds: readonly SeedResult[],
  { methods, slotOf, choice }: Parts,
): string {
  const toggleOf: SlotOf = (method) => `show-${methods.indexOf(method)}`;
  const isClean = hasCleanFunction(config);
  const drawn = methodsWith(seeds, methods, ({ fit }) => fit.kind === 'curve');
  const limit = gapLimit(config, seeds);
  const gaps = `
<figure><h3>Distance from the clean function</h3>
${bySeed(seeds, (seed) => gapPanels(config, seed, limit, slotOf))}
<figcaption>Fit minus clean function over x, for the seed chosen above; the same axes in every panel.</figcaption>
</figure>`;
  return `<section><h2>Fitted curves and rejected labels</h2>
${choice}
<figure>${legend(drawn, slotOf, toggleOf)}
${bySeed(seeds, (seed) => fitChart(config, seed, slotOf, toggleOf))}
<figcaption>${sampleOf(seeds)} of the seed.${isTaught(seeds) ? ' Orange: rejected by the teacher.' : ''}${isClean ? ' Dotted: the clean function.' : ''}
The check boxes show and hide curves.</figcaption></figure>${isClean ? gaps : ''}</section>`;
}

/** Whether there was a teacher to reject labels. */
function isTaught([seed]: readonly SeedResult[]): boolean {
  return seed!.points.rejected.length > 0;
}

function predictionSection(
  config: StudyConfig,
  seeds: readonly SeedResult[],
  { slotOf, choice }: Omit<Parts, 'methods'>,
): string {
  return `<section><h2>Predictions and rejected labels</h2>
${choice}
<figure><h3>Held-out rows: predicted over true label</h3>
${bySeed(seeds, (seed) => predictionPanels(config, seed, slotOf))}
<figcaption>At most 500 test rows of the seed; the same axes for all networks. On the diagonal a prediction is right.
</figcaption></figure>
${seeds[0]!.points.x.length > 0 ? overTeacher(config, seeds) : ''}</section>`;
}

/** Without a teacher there is nothing to draw them over. */
function overTeacher(config: StudyConfig, seeds: readonly SeedResult[]): string {
  return `<figure><h3>Training rows: label over the teacher's prediction</h3>
${bySeed(seeds, (seed) => teacherCharts(config, seed))}
<figcaption>${sampleOf(seeds)} of the seed. Orange: rejected, because it lies too far from the diagonal.</figcaption>
</figure>`;
}

function sampleOf([seed]: readonly SeedResult[]): string {
  const { length } = seed!.points.x;
  if (length <= mostPoints) return 'Every training label';
  return `The first ${formatCount(mostPoints)} of ${formatCount(length)} training labels`;
}
