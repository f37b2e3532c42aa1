/** report.html: one self-contained page that a reader can judge a study by; it asks nothing of any network. */

import { formatCount, formatPercent, formatSeconds } from '../base/format.ts';
import { gallerySection, gallerySwitches } from './report-gallery.ts';
import { aggregationSection } from './methods/aggregation-section.ts';
import { confusionSection } from './report-classes.ts';
import { imageStyle, whereErrorsAre } from './report-images.ts';
import { labelsSection } from './report-labels.ts';
import { differenceChart, errorChart } from './report-intervals.ts';
import { legend, methodsWith, slotClasses, type SlotOf } from './report-marks.ts';
import { reportStyle } from './report-style.ts';
import { contentSecurityPolicy, escapeHtml } from './report-svg.ts';
import { headsTable, mainTable, weightsTable } from './report-tables.ts';
import { testQuantity, trainingChart } from './report-training.ts';
import { capitalised, errorWords } from './report-words.ts';
import type { SeedResult, StudyConfig, Summary } from '../study/results.ts';
import { peersSection } from './peers/peers-section.ts';
import { leftOutLines, noteLines } from './table.ts';
import { curriculaSection } from './training/curricula.ts';
import { headline, verdictLines } from './verdict.ts';

/** The page draws the points of at most so many seeds; the numbers count all of them. */
const mostSeedsDrawn = 20;

export function renderReport(config: StudyConfig, summary: Summary, seeds: readonly SeedResult[]): string {
  const methods = summary.rows.map((row) => row.method);
  const slotOf = slotClasses(methods);
  const drawn = seeds.filter((seed) => seed.results.length > 0).slice(0, mostSeedsDrawn);
  const areImages = drawn.some(({ images }) => images !== undefined);
  const isOfClasses = drawn.some(({ results }) => results.some(({ fit }) => fit.kind === 'classes'));
  const title = titleOf(config, summary);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
${contentSecurityPolicy}
<title>${escapeHtml(`${title}: distillation report`)}</title>
<style>${reportStyle}
${areImages ? `${imageStyle}\n${gallerySwitches(methods, slotOf).join('\n')}\n` : ''}${switches(drawn, methods)}</style>
</head>
<body>
<main>
${[
  header(config, summary, seeds, title),
  errorSection(summary, seeds, slotOf),
  curriculaSection(summary, slotOf),
  areImages ? whereErrorsAre(config, seeds, { methods, slotOf }) : '',
  areImages ? gallerySection(config, summary, drawn, slotOf) : '',
  drawn.length > 0 && isOfClasses ? confusionSection(seeds, methods) : '',
  drawn.length > 0 && !isOfClasses ? labelsSection(config, drawn, methods, slotOf) : '',
  seeds.length > 0 ? trainingSection(seeds, methods, slotOf) : '',
  aggregationSection(seeds, slotOf),
  peersSection(summary, seeds, methods, slotOf),
  settingsSection(config, summary),
].join('\n')}
<footer>Made by limbeck distill. The numbers of this page are in summary.json, the curves in metrics.jsonl, the
networks in weights/.</footer>
</main>
</body>
</html>
`;
}

function titleOf({ data }: StudyConfig, { data: name, noise, labelError = 0, target = [] }: Summary): string {
  const contaminated = `${formatPercent(noise)} contaminated labels`;
  if (data === 'sinusoid') return `${name}, ${contaminated}`;
  const blurred = labelError > 0 ? `, label error ${labelError}°` : '';
  const spoilt = `${blurred}${noise > 0 ? `, ${contaminated}` : ''}`;
  return target.length > 0 ? `${name}: ${target.join(', ')}${spoilt}` : `${name}${spoilt}`;
}

/** What the radio buttons and check boxes do is style alone: no script, and all of it works from the keyboard. */
function switches(seeds: readonly SeedResult[], methods: readonly string[]): string {
  const seedRules = seeds.map(({ seed }) => `main:has(#seed-${seed}:checked) .seed-${seed}{display:block}`);
  const methodRules = methods.map((_, i) => `main:has(#show-${i}:not(:checked)) g.show-${i}{display:none}`);
  return [...seedRules, ...methodRules].join('\n');
}

function header(config: StudyConfig, summary: Summary, seeds: readonly SeedResult[], title: string): string {
  const main =
    headline(summary) ?? `${capitalised(errorWords(summary).name)} of ${summary.rows.length} networks`;
  const lines = verdictLines(summary).map((line) => `<li>${escapeHtml(line)}</li>`);
  const partial = summary.partial
    ? '<p class="warning">The study was stopped before its end: only what was finished is shown.</p>'
    : '';
  const left = [...leftOutLines(summary), ...noteLines(summary)].map(
    (line) => `<p class="note">${escapeHtml(line)}</p>`,
  );
  const { precision, recall, rejected } = summary.mask;
  // Of classes none is rejected.
  const isOfClasses = summary.rows.some(({ scores }) => scores);
  const rejection: [string, string][] = isOfClasses
    ? []
    : precision === null && recall === null
      ? [['training labels rejected', formatPercent(rejected)]]
      : [
          ['precision of the rejection', formatPercent(precision)],
          ['recall of the rejection', formatPercent(recall)],
        ];
  const facts: [string, string][] = [
    ...rejection,
    ['seeds', String(summary.seeds.length)],
    trainingSize(config, seeds),
    ['adapter', summary.adapter],
  ];
  return `<header>
<p class="kicker">Distillation on ${escapeHtml(title)}</p>
<h1>${escapeHtml(main)}</h1>
${partial}${left.join('')}<ul class="verdicts">${lines.join('')}</ul>
<dl class="facts">${facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${escapeHtml(value)}</dd></div>`).join('')}</dl>
</header>`;
}

/** Parts of persons may differ in size from seed to seed. */
function trainingSize({ trainRows, target }: StudyConfig, seeds: readonly SeedResult[]): [string, string] {
  const counts = seeds.flatMap(({ images, points }) => (images ? [points.y.length / target.length] : []));
  if (counts.length === 0)
    return ['training labels a seed', formatCount(trainRows * Math.max(1, target.length))];
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  const range = least === most ? formatCount(most) : `${formatCount(least)} to ${formatCount(most)}`;
  return ['training pictures a seed', range];
}

function errorSection(summary: Summary, seeds: readonly SeedResult[], slotOf: SlotOf): string {
  const differences = differenceChart(summary, slotOf);
  const second =
    differences === undefined
      ? ''
      : `<figure><h3>Paired difference to ${escapeHtml(summary.paired[0]!.baseline)}</h3>${differences}
<figcaption>Seed by seed, so that what a seed does to both methods cancels. An interval left of zero: better.
</figcaption></figure>`;
  return `<section><h2>Error by method</h2>
<div class="pair"><figure><h3>${capitalised(errorWords(summary).name)}</h3>${errorChart(summary, slotOf)}
<figcaption>Large dot: mean over seeds, with its 95 % Student-t interval. Small dots: single seeds, the first on top.
</figcaption></figure>
${second}</div>
${mainTable(summary)}
${headsTable(seeds)}</section>`;
}

function trainingSection(seeds: readonly SeedResult[], shown: readonly string[], slotOf: SlotOf): string {
  // A teacher that is given has no curve.
  const methods = methodsWith(seeds, shown, ({ curve }) => curve.length > 0);
  return `<section><h2>Training</h2>
${legend(methods, slotOf)}
<div class="pair"><figure>${trainingChart(seeds, methods, testQuantity(seeds), slotOf)}</figure>
<figure>${trainingChart(seeds, methods, 'loss', slotOf)}</figure></div>
<p class="note">Bold: mean over seeds; faint: single seeds. The axes end with the students' training. Losses of
different methods measure different things: compare their shapes, not their heights.${seeds.some(({ results }) => results.some(({ stages }) => stages)) ? ' Dashed lines across: a stage begins, with another teacher or with the labels alone.' : ''}</p></section>`;
}

function settingsSection(config: StudyConfig, summary: Summary): string {
  const settings = Object.entries(config).map(([key, value]) => [
    key,
    Array.isArray(value) ? value.join(', ') : value,
  ]);
  const all = [
    ['adapter', `${summary.adapter} (${summary.device}, ${summary.host})`],
    ['dispatches', formatCount(summary.dispatches)],
    ['networks trained', String(summary.rows.reduce((sum, row) => sum + row.weightsSha256.length, 0))],
    ['training time', formatSeconds(summary.rows.reduce((sum, row) => sum + row.n * (row.seconds ?? 0), 0))],
    ...settings,
  ];
  const items = all.map(
    ([name, value]) => `<div><dt>${escapeHtml(String(name))}</dt><dd>${escapeHtml(String(value))}</dd></div>`,
  );
  return `<section><h2>Configuration</h2>
<dl class="settings">${items.join('')}</dl>
${weightsTable(summary)}</section>`;
}
