/** From what the seeds gave to the rows of the table: means, intervals, paired differences. */

import type { MethodResult, PairedRow, SeedResult, StudyConfig, Summary, SummaryRow } from './results.ts';
import { confidenceInterval, mean, pairedDifference } from './statistics.ts';
import type { StudyOutcome } from './study-types.ts';

/** What every method is compared with. */
export const baselineMethod = 'scratch';

/** The summary of a study, finished or not: a method counts the seeds that it has finished. */
export function summarise(
  config: StudyConfig,
  outcome: Omit<StudyOutcome, 'seeds'>,
  seeds: readonly SeedResult[],
): Summary {
  const trained = seeds.filter((seed) => seed.results.length > 0);
  return {
    adapter: outcome.adapter,
    host: outcome.host,
    device: outcome.device,
    math: config.math,
    data: config.data === 'csv' ? config.file.replace(/^.*[/\\]/, '') : config.data,
    ...(config.data === 'csv' ? { target: config.target } : {}),
    reference: config.data === 'csv' ? 'held-out labels' : 'clean function',
    noise: config.noise,
    seeds: trained.map((seed) => seed.seed),
    rows: methodsOf(config, trained).map((method) => rowOf(method, trained)),
    paired: config.methods.includes(baselineMethod)
      ? methodsOf(config, trained).flatMap((method) => pairedRow(method, trained))
      : [],
    mask: pooledMask(trained),
    outliers: { rule: config.rule, outlierBranch: config.outlierBranch, eps: config.eps },
    dispatches: outcome.dispatches,
    ...(outcome.interrupted ? { partial: true as const } : {}),
  };
}

/** The teacher first, then the methods as asked for; only those with a finished network. */
function methodsOf(config: StudyConfig, seeds: readonly SeedResult[]): string[] {
  return ['teacher', ...config.methods].filter((method) => resultsOf(method, seeds).length > 0);
}

function resultsOf(method: string, seeds: readonly SeedResult[]): MethodResult[] {
  return seeds.flatMap((seed) => seed.results.filter((result) => result.method === method));
}

function rowOf(method: string, seeds: readonly SeedResult[]): SummaryRow {
  const results = resultsOf(method, seeds);
  const perSeed = results.map((result) => result.rmse);
  return {
    method,
    metric: 'rmse',
    ...confidenceInterval(perSeed),
    perSeed,
    params: results[0]!.params,
    seconds: mean(results.map((result) => result.seconds)),
    weightsSha256: results.map((result) => result.weightsSha256),
  };
}

/** None for the teacher (another network) and the baseline itself. */
function pairedRow(method: string, seeds: readonly SeedResult[]): PairedRow[] {
  if (method === 'teacher' || method === baselineMethod) return [];
  const pairs = seeds.flatMap(({ results }) => {
    const own = results.find((result) => result.method === method);
    const base = results.find((result) => result.method === baselineMethod);
    return own && base ? [[own.rmse, base.rmse] as const] : [];
  });
  if (pairs.length === 0) return [];
  const { mean: meanDifference, ci95 } = pairedDifference(
    pairs.map(([own]) => own),
    pairs.map(([, base]) => base),
  );
  return [{ method, baseline: baselineMethod, meanDifference, ci95 }];
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
