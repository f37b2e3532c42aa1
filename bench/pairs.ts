/**
 * Two contestants batch by batch in turns, and what the ratio of their times is worth. Neighbours in time share whatever
 * else the machine does, so each pair gives a ratio of its own, and the median of those is nearly free of it.
 *
 * It is not free of luck that lasts as long as a process: where its memory lies, on which processors its threads settle.
 * On a software adapter the same code may take 1.3 times as long in one process as in another. So a difference counts
 * only if fresh processes show it again, as often as an interval over them needs.
 */
import { calibrate, type Contestant, statisticsOf } from './harness.ts';

export interface PairTiming {
  /** Medians of the milliseconds of one execution. */
  readonly here: number;
  readonly there: number;
  /** Median over the pairs of here ÷ there, and its 95 % interval. */
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
  /** Executions a batch. */
  readonly runs: number;
  readonly pairs: number;
  /** How many pairs of processes were asked: the interval of several is over their medians. */
  readonly processes: number;
}

export type Verdict = 'slower' | 'faster' | 'no difference shown';

/** With fewer not even the least and the greatest of the ratios are the ends of a 95 % interval. */
export const MIN_PAIRS = 6;

/** Each must have run once before: nothing here should compile. */
export async function measurePairs(
  here: Contestant,
  there: Contestant,
  { pairs, sampleMs }: { pairs: number; sampleMs: number },
): Promise<PairTiming> {
  const plans = [await calibrate(here, sampleMs), await calibrate(there, sampleMs)];
  // As many for both, so that the wait at the end is the same share of either; of two that differ wildly the slower decides.
  const counts = plans.map((plan) => plan.runs);
  const runs = Math.min(Math.max(...counts), 2 * Math.min(...counts));
  const times: { here: number; there: number }[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    // Whoever begins may find the processor cooler, or busy: each begins every second pair.
    const [first, second] = pair % 2 === 0 ? [here, there] : [there, here];
    const [one, other] = [(await first.sample(runs)) / runs, (await second.sample(runs)) / runs];
    times.push(pair % 2 === 0 ? { here: one, there: other } : { here: other, there: one });
  }
  return {
    here: statisticsOf(times.map((time) => time.here)).ms,
    there: statisticsOf(times.map((time) => time.there)).ms,
    ...medianInterval(times.map((time) => time.here / time.there)),
    runs,
    pairs,
    processes: 1,
  };
}

/**
 * Measures again in fresh processes while each of them shows the difference that the first did, until there are enough for
 * an interval over them. `again` is given how many there have been.
 */
export async function confirmed(
  first: PairTiming,
  limit: number,
  again: (done: number) => Promise<PairTiming>,
): Promise<PairTiming> {
  const wanted = verdictOf(first, limit);
  if (wanted === 'no difference shown') return first;
  const all = [first];
  const shows = ({ ratio }: PairTiming) => verdictOf({ low: ratio, high: ratio }, limit) === wanted;
  while (all.length < MIN_PAIRS && shows(all.at(-1)!)) all.push(await again(all.length));
  const ratios = all.map(({ ratio }) => ratio);
  return {
    here: statisticsOf(all.map(({ here }) => here)).ms,
    there: statisticsOf(all.map(({ there }) => there)).ms,
    ratio: statisticsOf(ratios).ms,
    low: Math.min(...ratios),
    high: Math.max(...ratios),
    runs: first.runs,
    pairs: first.pairs,
    processes: all.length,
  };
}

/**
 * The median with a 95 % interval between two of the values, which holds for any distribution: the chance that the true
 * median lies beyond the k-th least is that of k - 1 heads or fewer in as many tosses as there are values.
 *
 * @throws for fewer values than MIN_PAIRS.
 */
export function medianInterval(values: readonly number[]): Pick<PairTiming, 'ratio' | 'low' | 'high'> {
  const n = values.length;
  if (n < MIN_PAIRS) throw new Error(`medianInterval: wants ${MIN_PAIRS} values or more, got ${n}`);
  const sorted = values.toSorted((a, b) => a - b);
  let chance = 2 ** -n;
  let below = chance;
  let rank = 0;
  while (below <= 0.025) {
    rank++;
    chance *= (n - rank + 1) / rank;
    below += chance;
  }
  return { ratio: statisticsOf(values).ms, low: sorted[rank - 1]!, high: sorted[n - rank]! };
}

/** Only an interval that lies beyond the limit as a whole shows something. */
export function verdictOf({ low, high }: Pick<PairTiming, 'low' | 'high'>, limit: number): Verdict {
  if (low > limit) return 'slower';
  return high < 1 / limit ? 'faster' : 'no difference shown';
}
