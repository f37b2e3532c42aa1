/** The mixtures of a teacher's layers that methods found, in words: for the end of a study. */
import { agreement, type Aggregation, foundIn, meanAlphas, shallowShare } from '../../base/aggregation.ts';
import type { SeedResult } from '../../study/results.ts';

/** A block for each method that found some; '' where none did. */
export function aggregationText(seeds: readonly SeedResult[]): string {
  return foundIn(seeds)
    .map(({ method, seeds: own }) => [`${method} mixes`, ...linesOf(own)].join('\n'))
    .join('\n');
}

/** 'trunk.0 0.25, trunk.1 0.75', and how far seeds agree. */
function linesOf(seeds: readonly Aggregation[]): string[] {
  return meanAlphas(seeds).map((alpha, i) => {
    const { layers, student } = seeds[0]!.groups[i]!;
    const shares = layers.map((layer, j) => `${layer} ${alpha[j]!.toFixed(3)}`);
    return `  for ${student}: ${shares.join(', ')}${agreementWords(seeds, i)}`;
  });
}

/** Of a group: its weight on the shallower half, and how alike the seeds are. */
export function agreementWords(seeds: readonly Aggregation[], group: number): string {
  const alphas = seeds.map(({ groups }) => groups[group]!.alpha);
  const half = shallowShare(meanAlphas(seeds)[group]!);
  const shallow = `; on the shallower half ${half.toFixed(2)}`;
  return alphas.length > 1 ? `${shallow}; cosine between seeds ${agreement(alphas).toFixed(3)}` : shallow;
}
