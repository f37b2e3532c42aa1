/**
 * Measures contestants in turns (A B C, B C A, …), so that whatever else the machine does meets all of them alike.
 *
 * A sample is so many executions with one wait at the end that it takes 50 ms or more, and that the wait, a small
 * read-back, is less than a twentieth of it.
 */

export interface Contestant {
  /** Milliseconds for `runs` executions and the wait for the last one; for 0, of the wait alone. */
  sample(runs: number): Promise<number>;
}

export interface Timing {
  /** Median over the rounds of the milliseconds of one execution. */
  readonly ms: number;
  readonly minMs: number;
  /** Distance of the quartiles, as a share of the median. */
  readonly spread: number;
  /** Executions a sample. */
  readonly runs: number;
  readonly rounds: number;
}

export interface MeasureOptions {
  /** What a sample should take at least. */
  sampleMs?: number;
  /** Samples of each contestant, unless time runs out. */
  rounds?: number;
  /** What all rounds together may take; there are three all the same. */
  budgetMs?: number;
}

/** So many times the wait is a sample at least: then the wait is 4 % of it at most. */
const WAITS_PER_SAMPLE = 25;
const MIN_ROUNDS = 3;
/** Executions in one queue; more only fill memory. */
const MAX_RUNS = 10_000;

/** Timings in the order of `contestants`. Each must have run once before: nothing here should compile. */
export async function measure(
  contestants: readonly Contestant[],
  { sampleMs = 50, rounds = 9, budgetMs = 10_000 }: MeasureOptions = {},
): Promise<Timing[]> {
  const plans: Plan[] = [];
  for (const contestant of contestants) plans.push(await calibrate(contestant, sampleMs));
  const roundMs = plans.reduce((sum, { ms }) => sum + ms, 0);
  const affordable = Math.max(MIN_ROUNDS, Math.floor(budgetMs / roundMs));
  const samples: number[][] = contestants.map(() => []);
  for (let round = 0; round < Math.min(rounds, affordable); round++) {
    for (let turn = 0; turn < contestants.length; turn++) {
      const i = (round + turn) % contestants.length;
      const { runs } = plans[i]!;
      samples[i]!.push((await contestants[i]!.sample(runs)) / runs);
    }
  }
  return samples.map((values, i) => ({ ...statisticsOf(values), runs: plans[i]!.runs }));
}

export interface Plan {
  /** The number of executions that makes a sample long enough. */
  readonly runs: number;
  /** What that sample took. */
  readonly ms: number;
}

/** How long a contestant's sample must be; warms up on the way. */
export async function calibrate(contestant: Contestant, sampleMs: number): Promise<Plan> {
  const waits = [];
  for (let i = 0; i < 3; i++) waits.push(await contestant.sample(0));
  const wanted = Math.max(sampleMs, WAITS_PER_SAMPLE * Math.min(...waits));
  let runs = 1;
  for (;;) {
    const ms = await contestant.sample(runs);
    if (ms >= wanted || runs === MAX_RUNS) return { runs, ms };
    // A first guess from a short sample is poor: at most ten times as many at once.
    runs = Math.min(MAX_RUNS, Math.ceil(runs * Math.min(10, (1.1 * wanted) / ms)));
  }
}

export function statisticsOf(values: readonly number[]): Omit<Timing, 'runs'> {
  const sorted = values.toSorted((a, b) => a - b);
  const ms = quantile(sorted, 0.5);
  const spread = (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / ms;
  return { ms, minMs: sorted[0]!, spread, rounds: values.length };
}

/** Linear between neighbours, as NumPy's default. */
function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low]! + (at - low) * (sorted[high]! - sorted[low]!);
}
