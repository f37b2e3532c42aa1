/** From what the seeds gave to the rows of the table: means, intervals, paired differences. */

import { numerics } from '../engine/numerics.ts';
import { isOfImages } from './options/input-config.ts';
import type { Metric } from '../tasks/task.ts';
import { controlRows, differenceOf, pairsOf } from './controls.ts';
import { dataKindOf, isOfClasses, taskOf } from './data/kinds/all.ts';
import type {
  MethodResult,
  PairedRow,
  SeedResult,
  StudyConfig,
  Summary,
  SummaryRow,
  TargetScore,
} from './results.ts';
import { confidenceInterval, mean } from '../base/statistics.ts';
import { allRows, networkOfRow } from './rows.ts';
import type { StudyOutcome } from './study-types.ts';

/** What every method is compared with. */
export const baselineMethod = 'scratch';

/** The summary of a study, finished or not: a method counts the seeds that it has finished. */
export function summarise(
  config: StudyConfig,
  outcome: Omit<StudyOutcome, 'seeds'>,
  seeds: readonly SeedResult[],
  { leftOut }: Pick<Summary, 'leftOut'> = {},
): Summary {
  const trained = seeds.filter((seed) => seed.results.length > 0);
  return {
    adapter: outcome.adapter,
    host: outcome.host,
    device: outcome.device,
    math: config.math,
    numerics,
    data: nameOf(config),
    ...(config.target.length === 0 ? {} : { target: config.target }),
    reference: dataKindOf(config).reference ?? 'held-out labels',
    noise: config.noise,
    ...(config.validationShare > 0 ? { validationShare: config.validationShare } : {}),
    ...(isOfImages(config) && !isOfClasses(config) ? { labelError: config.labelError } : {}),
    seeds: trained.map((seed) => seed.seed),
    rows: methodsOf(config, trained).map((method) => rowOf(config, method, trained)),
    paired: config.methods.includes(baselineMethod)
      ? methodsOf(config, trained).flatMap((method) => pairedRow(config, method, trained))
      : [],
    ...controlsIn(config, trained),
    mask: pooledMask(trained),
    outliers: { rule: config.rule, outlierBranch: config.outlierBranch, eps: config.eps },
    dispatches: outcome.dispatches,
    ...(leftOut ? { leftOut } : {}),
    ...(notesOf(trained).length > 0 ? { notes: notesOf(trained) } : {}),
    ...(outcome.interrupted ? { partial: true as const } : {}),
  };
}

function controlsIn(config: StudyConfig, seeds: readonly SeedResult[]): Pick<Summary, 'controls'> {
  const [metric] = taskOf(config).metrics;
  const controls = controlRows(config.methods, seeds, (result) => scoreOf(result, metric));
  return controls.length > 0 ? { controls } : {};
}

function nameOf(config: StudyConfig): string {
  const { data, file } = config;
  const name = file.replace(/[/\\]+$/, '').replace(/^.*[/\\]/, '');
  if (dataKindOf(config).reads === 'table') return name;
  return file === '' ? data : `${data} (${name})`;
}

/** What methods are compared by. */
function scoreOf({ scores }: MethodResult, { name }: Metric): number {
  return scores[name]!;
}

/** The teacher first, then the methods as asked for; only those with a finished network. */
function methodsOf(config: StudyConfig, seeds: readonly SeedResult[]): string[] {
  return allRows(config).filter((method) => resultsOf(method, seeds).length > 0);
}

function resultsOf(method: string, seeds: readonly SeedResult[]): MethodResult[] {
  return seeds.flatMap((seed) => seed.results.filter((result) => result.method === method));
}

function rowOf(config: StudyConfig, method: string, seeds: readonly SeedResult[]): SummaryRow {
  const results = resultsOf(method, seeds);
  const [metric] = taskOf(config).metrics;
  const perSeed = results.map((result) => scoreOf(result, metric));
  const isAngular = results[0]!.angularError !== undefined;
  const bestSteps = results.flatMap(({ bestStep }) => bestStep ?? []);
  return {
    method,
    metric: metric.name,
    ...confidenceInterval(perSeed),
    perSeed,
    ...(bestSteps.length > 0 ? { bestSteps } : {}),
    ...findingsOf(results),
    ...(config.target.length > 0 && !isOfImages(config) && !isOfClasses(config)
      ? { targets: meanScores(results) }
      : {}),
    ...(isOfClasses(config) ? { scores: meanOfMetrics(results) } : {}),
    ...(isAngular ? { rmse: mean(results.map(({ rmse }) => rmse!)) } : {}),
    ...imitationOf(results),
    ...hardnessOf(results),
    params: results[0]!.params,
    ...(results.some(({ byKernel }) => byKernel) ? { byKernel: true as const } : {}),
    seconds: meanSeconds(results),
    weightsSha256: results.flatMap((result) => result.weightsSha256 ?? []),
  };
}

function findingsOf(results: readonly MethodResult[]): Pick<SummaryRow, 'findings'> {
  const all = results.flatMap(({ findings }) => findings ?? []);
  if (all.length === 0) return {};
  const listed = (when: 'before' | 'after') =>
    Object.fromEntries(Object.keys(all[0]![when]).map((name) => [name, all.map((own) => own[when][name]!)]));
  return { findings: { before: listed('before'), after: listed('after') } };
}

/** Each with whose it is. */
function notesOf(seeds: readonly SeedResult[]): string[] {
  return seeds.flatMap(({ seed, results }) =>
    results.flatMap(({ method, note }) => (note === undefined ? [] : [`${method}, seed ${seed}: ${note}`])),
  );
}

function imitationOf(results: readonly MethodResult[]): Pick<SummaryRow, 'imitationLoss'> {
  const perSeed = results.flatMap(({ imitationLoss }) => imitationLoss ?? []);
  if (perSeed.length === 0) return {};
  const { mean: center, ci95 } = confidenceInterval(perSeed);
  return { imitationLoss: { mean: center, ci95, perSeed } };
}

/** Stage by stage; seeds may have had other checkpoints. */
function hardnessOf(results: readonly MethodResult[]): Pick<SummaryRow, 'hardness'> {
  const [first] = results;
  if (!first?.hardness) return {};
  const hardness = first.hardness.map(({ stage }, k) => {
    const of = (what: 'share' | 'before' | 'after') => mean(results.map((each) => each.hardness![k]![what]));
    return { stage, share: of('share'), before: of('before'), after: of('after') };
  });
  return { hardness };
}

function meanSeconds(results: readonly MethodResult[]): number | null {
  const known = results.flatMap(({ seconds }) => seconds ?? []);
  return known.length > 0 ? mean(known) : null;
}

/** By every metric, the mean over the seeds. */
function meanOfMetrics(results: readonly MethodResult[]): Record<string, number> {
  const names = Object.keys(results[0]!.scores);
  return Object.fromEntries(names.map((name) => [name, mean(results.map(({ scores }) => scores[name]!))]));
}

function meanScores(results: readonly MethodResult[]): TargetScore[] {
  return results[0]!.targets.map((_, k) => {
    const own = results.map(({ targets }) => targets[k]!);
    const r2 = own.flatMap((score) => score.r2 ?? []);
    return {
      rmse: mean(own.map(({ rmse }) => rmse)),
      mae: mean(own.map(({ mae }) => mae)),
      r2: r2.length > 0 ? mean(r2) : null,
    };
  });
}

/** None for other networks than the baseline's, such as the teacher, and the baseline itself. */
function pairedRow(config: StudyConfig, method: string, seeds: readonly SeedResult[]): PairedRow[] {
  const [metric] = taskOf(config).metrics;
  if (method === 'teacher' || method === baselineMethod) return [];
  if (networkOfRow(method, config) !== networkOfRow(baselineMethod, config)) return [];
  const pairs = pairsOf(method, baselineMethod, seeds);
  if (pairs.length === 0) return [];
  const difference = differenceOf(pairs, (result) => scoreOf(result, metric));
  return [{ method, baseline: baselineMethod, ...difference }];
}

/** Counted over all labels of all seeds, so that a seed with few outliers weighs what it should. */
function pooledMask(seeds: readonly SeedResult[]): Summary['mask'] {
  let [labels, hits, rejections, outliers] = [0, 0, 0, 0];
  for (const { points } of seeds) {
    labels += points.rejected.length;
    for (const [i, isRejected] of points.rejected.entries()) {
      const isOutlier = points.outlier?.[i] ?? false;
      if (isOutlier && isRejected) hits++;
      if (isRejected) rejections++;
      if (isOutlier) outliers++;
    }
  }
  const isKnown = seeds.every(({ points }) => points.outlier !== null);
  return {
    precision: isKnown && rejections > 0 ? hits / rejections : null,
    recall: isKnown && outliers > 0 ? hits / outliers : null,
    rejected: labels > 0 ? rejections / labels : null,
  };
}
