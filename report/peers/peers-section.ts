/** Networks that train together in the report: what discriminators said over the training, and how alike features became. */
import { mean } from '../../base/statistics.ts';
import type { CurvePoint, SeedResult, Summary, SummaryRow } from '../../study/results.ts';
import { legend, methodsWith, type SlotOf } from '../report-marks.ts';
import { escapeHtml, figureSvg, type Frame, linearScale, linePath, xAxis, yAxis } from '../report-svg.ts';
import { cell, table } from '../report-tables.ts';

const frame: Frame = { width: 520, height: 300, left: 50, right: 22, top: 28, bottom: 44 };

/** Names of signals and findings, in words; of others the name itself. */
const words: Readonly<Record<string, string>> = {
  own: 'D(own)',
  peer: 'D(peer)',
  l1: 'L1',
  l2: 'L2',
  cosine: 'cosine',
  told: 'told apart',
};

const inWords = (name: string) => words[name] ?? name;

/** Empty where no method tells anything of the kind. */
export function peersSection(
  summary: Summary,
  seeds: readonly SeedResult[],
  methods: readonly string[],
  slotOf: SlotOf,
): string {
  const parts = [signalCharts(seeds, methods, slotOf), findingsTable(summary)].filter((part) => part !== '');
  return parts.length === 0
    ? ''
    : `<section><h2>Networks beside each other</h2>\n${parts.join('\n')}</section>`;
}

/** A chart for each name: the mean over seeds of each row. */
function signalCharts(seeds: readonly SeedResult[], shown: readonly string[], slotOf: SlotOf): string {
  const methods = methodsWith(seeds, shown, ({ curve }) => curve.some(({ signals }) => signals));
  if (methods.length === 0) return '';
  const runs = new Map(
    methods.map((method) => [
      method,
      seeds.flatMap(({ results }) =>
        results.filter((own) => own.method === method).map(({ curve }) => curve),
      ),
    ]),
  );
  const points = [...runs.values()].flat(2);
  const names = [...new Set(points.flatMap(({ signals = {} }) => Object.keys(signals)))];
  const last = Math.max(1, ...points.map(({ step }) => step));
  const charts = names.map((name) => {
    const lines = methods.map((method) => ({ method, line: meanLine(runs.get(method)!, name) }));
    const values = lines.flatMap(({ line }) => line.map(({ value }) => value));
    const x = linearScale([0, last], [frame.left, frame.width - frame.right], 5);
    const range: [number, number] = [Math.min(0, ...values), Math.max(1, ...values)];
    const y = linearScale(range, [frame.height - frame.bottom, frame.top], 5);
    const paths = lines.map(({ method, line }) => {
      const [steps, heights] = [line.map(({ step }) => step), line.map(({ value }) => value)];
      return `<path class="line ${slotOf(method)}" d="${linePath(steps, heights, x, y)}"/>`;
    });
    const title = `${inWords(name)} by step`;
    const description = `Mean over seeds of ${inWords(name)} by training step, for ${methods.join(', ')}.`;
    const body = xAxis(frame, x, 'step') + yAxis(frame, y, inWords(name)) + paths.join('');
    const about = { title, description, kind: 'medium' as const };
    return `<figure>${figureSvg(`signal-${name}`, frame, about, body)}</figure>`;
  });
  const note =
    'What discriminators say of a network’s own features, which it wants taken for its peer’s, and of its peer’s: 1 is ' +
    'certain of the peer. Where both are near one half they are at a loss.';
  return `${legend(methods, slotOf)}\n<div class="pair">${charts.join('\n')}</div>\n<p class="note">${note}</p>`;
}

/** Point by point over the seeds that have it. */
function meanLine(runs: readonly (readonly CurvePoint[])[], name: string): { step: number; value: number }[] {
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), []);
  return longest.flatMap(({ step }, i) => {
    const here = runs.flatMap((run) => run[i]?.signals?.[name] ?? []);
    return here.length > 0 ? [{ step, value: mean(here) }] : [];
  });
}

/** Means over seeds, before the training and after it. */
function findingsTable({ rows }: Summary): string {
  const known = rows.flatMap((row) => (row.findings ? [{ ...row, findings: row.findings }] : []));
  if (known.length === 0) return '';
  const columns = (['before', 'after'] as const).flatMap((when) => {
    const names = new Set(known.flatMap(({ findings }) => Object.keys(findings[when])));
    return [...names].map((name) => ({ when, name }));
  });
  const text = (findings: NonNullable<SummaryRow['findings']>, { when, name }: (typeof columns)[number]) => {
    const values = findings[when][name];
    return values ? mean(values).toFixed(3) : '–';
  };
  const lines = known.map(({ method, findings }) => {
    const cells = columns.map((column) => cell('td', text(findings, column), 'right'));
    return `<tr>${cell('th', method, 'left', ' scope="row"')}${cells.join('')}</tr>`;
  });
  const head =
    cell('th', 'network', 'left', ' scope="col"') +
    columns.map(({ when, name }) => cell('th', `${inWords(name)} ${when}`, 'right', ' scope="col"')).join('');
  const note = escapeHtml(
    'Features of test rows against those of the network that it learns from: mean absolute difference (L1), root of the mean ' +
      'squared one (L2), cosine. Told apart: the share of them that a fresh discriminator assigns rightly, 0.5 being chance.',
  );
  return table('Features of networks that train together', note, head, lines);
}
