/** What only a study of images has: the section of errors by person and angle, over all seeds, and a style of its own. */

import { dataKindOf } from '../study/data/kinds/all.ts';
import { errorsByPerson } from './grouped-errors.ts';
import { angleFigures } from './report-angles.ts';
import { legend, type SlotOf } from './report-marks.ts';
import { personFigure } from './report-persons.ts';
import { escapeHtml } from './report-svg.ts';
import type { SeedResult, StudyConfig } from '../study/results.ts';

/** Empty where no seed has a test row. */
export function whereErrorsAre(
  config: StudyConfig,
  seeds: readonly SeedResult[],
  { methods, slotOf }: { methods: readonly string[]; slotOf: SlotOf },
): string {
  const areOfSeeds = dataKindOf(config).reference === 'true gaze' && seeds.length > 1;
  const persons = errorsByPerson(seeds, { areOfSeeds }).filter(({ means }) => means.size > 0);
  if (persons.length === 0) return '';
  const angles = angleFigures(config, seeds, { methods, slotOf });
  const [person] = persons;
  const [who, figures] =
    persons.length === 1
      ? [` All of them show ${escapeHtml(person!.key)}.`, angles.join('\n')]
      : ['', `${personFigure(persons, { methods, slotOf })}\n<div>${angles.join('\n')}</div>`];
  return `<section><h2>Error by person and by angle</h2>
<p class="note">Over the test rows of all seeds together.${who}${areOfSeeds ? ' Each seed has persons of its own; its number stands before them.' : ''}</p>
${legend(methods, slotOf)}
<div class="pair">${figures}</div></section>`;
}

export const imageStyle = `
html{scroll-padding-top:120px}
:root{--truth:#ffd60a;--edge:#15181b}
.chooser{position:sticky;top:0;z-index:1;background:var(--page);margin:0 -8px;padding:8px 8px 10px;border-bottom:1px solid var(--rule)}
.chooser fieldset{margin:0}.chooser .legend{margin:8px 0 0}
.chooser+.note{margin-top:12px}
.gallery h3{margin-top:30px}
.pictures{list-style:none;margin:8px 0 0;padding:0;display:grid;gap:16px 16px;
grid-template-columns:repeat(auto-fill,minmax(min(100%,150px),1fr))}
.pictures p{margin:2px 0 0;font-size:13px;line-height:1.35;color:var(--soft);font-variant-numeric:tabular-nums}
.pictures p:has(span){display:flex;justify-content:space-between;gap:8px;color:var(--ink)}
.pictures b{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.gallery details .pictures{margin-top:16px}
.gaze{display:block;overflow:visible}
.pictures .gaze{width:100%;height:auto}
.gaze image{image-rendering:pixelated}
.gaze path{fill:none;stroke:var(--own);stroke-width:2;stroke-linecap:round;stroke-linejoin:round;vector-effect:non-scaling-stroke}
.gaze .halo{stroke:var(--page);stroke-width:4;opacity:.85}
.gaze .truth{stroke:var(--truth);stroke-width:4}
.gaze .halo:has(+.truth){stroke:var(--edge);stroke-width:6.5;opacity:1}
.gaze .given{stroke:var(--rejected);stroke-width:2.6}
.gaze .dial{stroke:var(--soft);stroke-width:1}
.chart .count{fill:var(--kept);opacity:.55}
.chart .knots{stroke:var(--own);stroke-width:6;stroke-linecap:round}
.rows .dot{opacity:.85}
@media (max-width:560px){
.chooser .legend{font-size:13px;gap:2px 12px}.chart .knots{stroke-width:4.5}}
@media print{.chooser{position:static}}
`.trim();
