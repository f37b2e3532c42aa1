/** Whether one side of an adversarial training has won for long, by what discriminators say: signals `own` and `peer`. */
import type { Signals } from './training.ts';

/** Readings in a row: of 40, a quarter of the training. */
const LONG = 10;
const LOST = 0.05;

/**
 * Of a network's own features ('own', which it wants taken for 1) and its peer's ('peer', which are 1).
 *
 * @returns What is wrong; undefined while neither side has won in each of the last readings.
 */
export function wonForLong(signals: readonly Signals[]): string | undefined {
  const last = signals.slice(-LONG);
  if (last.length < LONG) return undefined;
  const { own, peer } = last.at(-1)! as { own: number; peer: number };
  const said = `D(own) is ${own.toFixed(2)} and D(peer) ${peer.toFixed(2)}`;
  if (last.every((each) => each.own! < LOST && each.peer! > 1 - LOST))
    return `its discriminator has won for ${LONG} readings: ${said}, so that features have next to nothing to follow`;
  if (last.every((each) => each.own! > 1 - LOST))
    return `it has fooled its discriminator for ${LONG} readings: ${said}, which tells it nothing any more`;
  return undefined;
}
