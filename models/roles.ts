/**
 * The parts that networks play in a study. Each begins with random numbers of its own: a seed, which is below 2^32, plus
 * the offset of its role.
 */
import type { Seeds } from './parameters.ts';

export type Role =
  | 'student'
  | 'teacher'
  | 'regressor'
  | 'adversary'
  | 'impressions'
  | 'discriminator'
  | 'peer'
  | 'transfer'
  | 'fresh discriminator';

/** Teachers take a multiple of theirs each: of 2^32 up to 2^40. */
export const MOST_TEACHERS = 255;

const offsets: Readonly<Record<Role, number>> = {
  student: 0,
  teacher: 2 ** 32,
  regressor: 2 ** 40,
  adversary: 2 ** 41,
  impressions: 2 ** 42,
  discriminator: 2 ** 43,
  peer: 2 ** 44,
  transfer: 2 ** 45,
  'fresh discriminator': 2 ** 46,
};

/** Those of a study's seeds for network number `index` of a role. */
export function seedsOf(role: Role, seeds: Seeds, index = 0): Seeds {
  const offset = role === 'teacher' ? offsets.teacher * (index + 1) : offsets[role] + index * 2 ** 32;
  return typeof seeds === 'number' ? seeds + offset : seeds.map((seed) => seed + offset);
}
