/** What memory is under suspicion of: that an object its numbers were computed with is invalid (`faults.ts`). */
import type { GpuMemory } from './buffer-pool.ts';
import type { Suspect } from './faults.ts';

/** Memory of so many bytes may well be refused: until it is known, it is used in commands of its own. */
const SEPARATE_BYTES = 2 ** 24;

/** Memory that the GPU refused, or may refuse. */
export function isDoubtful({ suspect, sizeBytes }: GpuMemory): boolean {
  return suspect.error !== undefined || (!suspect.isKnown && sizeBytes >= SEPARATE_BYTES);
}

/** Whether its numbers may be wrong. */
export function isSuspected(memory: GpuMemory): boolean {
  if (memory.suspects) memory.suspects = suspectsOf([...memory.suspects]);
  return memory.suspects !== undefined;
}

/** Those that are not known to be valid. */
export function suspectsOf(all: readonly Suspect[]): ReadonlySet<Suspect> | undefined {
  const some = all.filter(({ isKnown, error }) => !isKnown || error);
  return some.length > 0 ? new Set(some) : undefined;
}

export function errorAmong(suspects: Iterable<Suspect> | undefined): Error | undefined {
  return [...(suspects ?? [])].find(({ error }) => error)?.error;
}

/** Whether that is all that a memory was made for: its size is rounded up to a multiple of 256 bytes. */
export function isWhole({ sizeBytes }: GpuMemory, offset: number, size: number): boolean {
  return offset === 0 && size * 4 > sizeBytes - 256;
}
