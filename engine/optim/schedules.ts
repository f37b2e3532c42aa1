/** Learning-rate schedules: functions of the update's number, counted from 0, that the host evaluates in float64. */
import { checkOptions, inWords } from '../borders.ts';

export type Schedule = (update: number) => number;

export function constantRate(rate: number): Schedule {
  checkRate('constantRate', rate);
  return () => rate;
}

/** `rate` times `factor` for every `every` updates done. */
export function stepDecay(rate: number, options: { every: number; factor?: number | undefined }): Schedule {
  checkOptions('stepDecay', options, 'every factor', true);
  const { every, factor = 0.1 } = options;
  checkRate('stepDecay', rate);
  if (!(Number.isInteger(every) && every > 0))
    throw new Error(`stepDecay: every must be a positive integer, got ${every}`);
  return (update) => rate * factor ** Math.floor(update / every);
}

/**
 * Half a cosine from `rate` down to `rate · final` over `updates` (Loshchilov & Hutter 2017, arXiv:1608.03983), after a
 * linear warm-up over the first `warmUp` of them.
 */
export function cosine(
  rate: number,
  options: { updates: number; warmUp?: number | undefined; final?: number | undefined },
): Schedule {
  checkOptions('cosine', options, 'updates warmUp final', true);
  const { updates, warmUp = 0, final = 0 } = options;
  checkRate('cosine', rate);
  if (!(updates > warmUp && warmUp >= 0))
    throw new Error(`cosine: ${updates} updates with ${warmUp} of warm-up`);
  return (update) => {
    if (update < warmUp) return (rate * (update + 1)) / warmUp;
    const done = Math.min(1, (update - warmUp) / (updates - warmUp));
    return rate * (final + (1 - final) * 0.5 * (1 + Math.cos(Math.PI * done)));
  };
}

function checkRate(schedule: string, rate: number): void {
  if (typeof rate !== 'number' || !Number.isFinite(Math.fround(rate)) || rate < 0)
    throw new Error(`${schedule}: the learning rate must be at least 0, got ${inWords(rate)}`);
}
