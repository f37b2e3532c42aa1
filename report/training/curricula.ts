/** Of trainings in stages: where they begin in learning curves, how hard anchors were, and add-ons beside their controls. */
import { formatError, formatInterval, formatPercent, formatSigned } from '../../base/format.ts';
import type { ControlRow, SeedResult, Summary } from '../../study/results.ts';
import { metricWords } from '../metric.ts';
import { legend, type SlotOf } from '../report-marks.ts';
import {
  escapeHtml,
  extent,
  figureSvg,
  type Frame,
  linearScale,
  linePath,
  padded,
  px,
  type Scale,
  xAxis,
  yAxis,
} from '../report-svg.ts';
import { cell, table } from '../report-tables.ts';
import { judge } from '../verdict.ts';

/** A line across the chart where a stage after the first begins: an anchor, or the labels alone. */
export function stageMarks(
  seeds: readonly SeedResult[],
  methods: readonly string[],
  { x, frame, slotOf }: { x: Scale; frame: Frame; slotOf: SlotOf },
): string {
  const results = seeds.flatMap((seed) => seed.results);
  const marks = methods.flatMap((method) => {
    const [, ...later] = results.find((result) => result.method === method)?.stages ?? [];
    return later.map(({ name, from }) => {
      const words = escapeHtml(`${method}: ${name} from step ${from}`);
      const at = `M${px(x(from))} ${frame.top}V${frame.height - frame.bottom}`;
      return `<path class="stage faint ${slotOf(method)}" stroke-dasharray="3 3" d="${at}"><title>${words}</title></path>`;
    });
  });
  return marks.join('');
}

/** Empty where no student follows checkpoints and no add-on has a control beside it. */
export function curriculaSection(summary: Summary, slotOf: SlotOf): string {
  const { controls = [] } = summary;
  const hasHardness = summary.rows.some(({ hardness }) => hardness);
  if (!hasHardness && controls.length === 0) return '';
  const parts = [
    ...(controls.length > 0 ? [controlsTable(controls, summary)] : []),
    ...(hasHardness ? [hardnessFigure(summary, slotOf)] : []),
  ];
  return `<section><h2>Whom students learn from</h2>
${parts.join('\n')}</section>`;
}

function controlsTable(controls: readonly ControlRow[], summary: Summary): string {
  const { formatSigned: formatted } = metricWords(summary);
  const titles = ['comparison', 'error', '95 % CI', 'imitation loss', '95 % CI', 'verdict of the error'];
  const rows = controls.map(({ method, control, error, imitationLoss: loss }) =>
    [
      cell('th', `${method} − ${control}`, 'left', ' scope="row"'),
      cell('td', formatted(error.meanDifference), 'right'),
      cell('td', formatInterval(error.ci95, formatted), 'left'),
      cell('td', formatSigned(loss.meanDifference), 'right'),
      cell('td', formatInterval(loss.ci95, formatSigned), 'left'),
      cell('td', judge(error), 'left'),
    ].join(''),
  );
  const head = titles.map((title) => cell('th', title, 'left', ' scope="col"')).join('');
  const note =
    'Methods with an add-on minus those that differ from them in it alone, seed by seed; the imitation loss is that to the ' +
    'teacher over the rows that students learn from.';
  return table(
    'Add-ons and controls',
    note,
    head,
    rows.map((row) => `<tr>${row}</tr>`),
  );
}

const frame: Frame = { width: 520, height: 300, left: 50, right: 22, top: 28, bottom: 44 };

function hardnessFigure({ rows }: Summary, slotOf: SlotOf): string {
  const lines = rows.flatMap(({ method, hardness }) => (hardness ? [{ method, hardness }] : []));
  const values = lines.flatMap(({ hardness }) => hardness.flatMap(({ before, after }) => [before, after]));
  const x = linearScale([0, 1], [frame.left, frame.width - frame.right], 5);
  const range: [number, number] = [frame.height - frame.bottom, frame.top];
  const y = linearScale(padded([0, extent(values)[1]]), range, 5);
  const drawn = lines.map(({ method, hardness }) => {
    const at = hardness.map(({ share }) => share);
    const path = (of: readonly number[], classes: string) =>
      `<path class="${classes} ${slotOf(method)}" d="${linePath(at, of, x, y)}"/>`;
    const before = hardness.map((each) => each.before);
    const dots = before.map(
      (value, k) =>
        `<circle class="mean ${slotOf(method)}" cx="${px(x(at[k]!))}" cy="${px(y(value))}" r="4"/>`,
    );
    const after = hardness.map((each) => each.after);
    return path(before, 'line') + path(after, 'line solid') + dots.join('');
  });
  const methods = lines.map(({ method }) => method);
  const words = { title: 'Hardness by anchor', kind: 'medium' };
  const description = `Hardness of each anchor when its stage begins and when it ends, for ${methods.join(', ')}.`;
  const body =
    xAxis(frame, x, "share of the teacher's training") + yAxis(frame, y, 'hardness') + drawn.join('');
  return `<h3>Hardness by anchor</h3>
${legend(methods, slotOf)}
<div class="pair"><figure>${figureSvg('hardness', frame, { ...words, description }, body)}
<figcaption>With dots: when a stage begins; without: when it ends. Means over seeds.</figcaption></figure>
<div>${hardnessTable(lines)}</div></div>`;
}

function hardnessTable(
  lines: readonly Pick<Required<Summary['rows'][number]>, 'method' | 'hardness'>[],
): string {
  const titles = ['method', 'stage', "of the teacher's training", 'hardness before', 'after'];
  const head = titles.map((title, i) => cell('th', title, i < 2 ? 'left' : 'right', ' scope="col"')).join('');
  const rows = lines.flatMap(({ method, hardness }) =>
    hardness.map(
      ({ stage, share, before, after }) =>
        `<tr>${cell('th', method, 'left', ' scope="row"')}${cell('td', stage, 'left')}` +
        `${cell('td', formatPercent(share), 'right')}${cell('td', formatError(before), 'right')}${cell('td', formatError(after), 'right')}</tr>`,
    ),
  );
  const note =
    "A student's imitation loss to the checkpoint, over that of the checkpoint's mean prediction: 0 for one that does the " +
    'same, 1 for one that predicts the mean.';
  return table('Hardness by anchor', note, head, rows);
}
