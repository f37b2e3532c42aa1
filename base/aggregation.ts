/** Mixtures of a teacher's layers, one for each group of them, as a search finds them and a file keeps them. */
import { UserError } from './errors.ts';
import { mean } from './statistics.ts';

export interface GroupMixture {
  /** The student's block that follows the mixture. */
  readonly student: string;
  /** The teacher's blocks, from shallow to deep. */
  readonly layers: readonly string[];
  /** A weight for each of them; they add up to 1. */
  readonly alpha: readonly number[];
  /** The same while it was searched for: at steps of the search, in order. */
  readonly curve?: readonly { readonly step: number; readonly alpha: readonly number[] }[];
}

/** One seed's, a mixture for each group in order. */
export interface Aggregation {
  readonly seed: number;
  readonly groups: readonly GroupMixture[];
}

/** What a method found, a mixture a seed. */
export interface Found {
  readonly method: string;
  readonly seeds: readonly Aggregation[];
}

/** aggregation.json. */
export interface AggregationFile {
  readonly version: 1;
  readonly teacher: string;
  readonly student: string;
  /** In the order of the methods. */
  readonly found: readonly Found[];
}

interface Results {
  readonly results: readonly { readonly method: string; readonly aggregation?: Aggregation }[];
}

/** What each method of a study found, in the order of its results. */
export function foundIn(seeds: readonly Results[]): Found[] {
  const all = new Map<string, Aggregation[]>();
  for (const { results } of seeds)
    for (const { method, aggregation } of results)
      if (aggregation) all.set(method, [...(all.get(method) ?? []), aggregation]);
  return [...all].map(([method, own]) => ({ method, seeds: own }));
}

/** How far a group's weights may be from adding up to 1: what float32 and a few decimals lose. */
const SLACK = 1e-3;

/**
 * The mixtures of the first method in an aggregation.json, seed by seed.
 *
 * @throws UserError, which begins with `where`, for anything that is no such file.
 */
export function parseAggregation(text: string, where: string): Found {
  const fail = (problem: string) => new UserError(`${where}: ${problem}`);
  let file: Partial<Record<keyof AggregationFile, unknown>>;
  try {
    file = (JSON.parse(text) ?? {}) as typeof file;
  } catch {
    throw fail('is no JSON; wants the aggregation.json of a run of dfa');
  }
  const [first] = (Array.isArray(file.found) ? file.found : []) as Partial<Record<keyof Found, unknown>>[];
  if (file.version !== 1 || !Array.isArray(first?.seeds) || first.seeds.length === 0)
    throw fail('is no aggregation of version 1; wants the aggregation.json of a run of dfa');
  const seeds = (first.seeds as unknown[]).map((each, i) =>
    seedOf(each, (problem) => fail(`found[0].seeds[${i}]${problem}`)),
  );
  const names = (of: Aggregation) => JSON.stringify(of.groups.map(({ layers }) => layers));
  if (seeds.some((each) => names(each) !== names(seeds[0]!))) throw fail('its seeds have different layers');
  return { method: typeof first.method === 'string' ? first.method : '', seeds };
}

function seedOf(given: unknown, fail: (problem: string) => UserError): Aggregation {
  const { seed, groups } = (given ?? {}) as Partial<Record<keyof Aggregation, unknown>>;
  if (typeof seed !== 'number' || !Array.isArray(groups) || groups.length === 0)
    throw fail(' wants a seed and its groups');
  return {
    seed,
    groups: groups.map((each, i) => groupOf(each, (problem) => fail(`.groups[${i}] ${problem}`))),
  };
}

function groupOf(given: unknown, fail: (problem: string) => UserError): GroupMixture {
  const { student, layers, alpha } = (given ?? {}) as Partial<Record<keyof GroupMixture, unknown>>;
  const areNames = Array.isArray(layers) && layers.every((each) => typeof each === 'string');
  if (!areNames || typeof student !== 'string') throw fail('wants the names of student and layers');
  const isShare = (each: unknown) => typeof each === 'number' && each >= 0 && each <= 1 + SLACK;
  if (!Array.isArray(alpha) || alpha.length !== layers.length || !alpha.every(isShare))
    throw fail(`wants an alpha from 0 to 1 for each of its ${layers.length} layers`);
  const sum = (alpha as number[]).reduce((a, b) => a + b, 0);
  if (Math.abs(sum - 1) > SLACK) throw fail(`has alphas that add up to ${sum}, not to 1`);
  return { student, layers, alpha: alpha as number[] };
}

/** Of several seeds, group by group. */
export function meanAlphas(seeds: readonly Aggregation[]): number[][] {
  return seeds[0]!.groups.map(({ layers }, i) =>
    layers.map((_, j) => mean(seeds.map(({ groups }) => groups[i]!.alpha[j]!))),
  );
}

/** Share of a group's weight that lies on the shallower half of its layers; the middle one of an odd number counts half. */
export function shallowShare(alpha: readonly number[]): number {
  const half = alpha.length / 2;
  return alpha.reduce((sum, share, j) => sum + share * Math.min(1, Math.max(0, half - j)), 0);
}

/** The mean cosine between every two seeds' weights of a group; NaN of one seed. */
export function agreement(alphas: readonly (readonly number[])[]): number {
  const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, j) => sum + x * b[j]!, 0);
  const pairs = alphas.flatMap((a, i) =>
    alphas.slice(0, i).map((b) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))),
  );
  return pairs.length > 0 ? mean(pairs) : NaN;
}
