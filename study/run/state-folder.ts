/** States of trainings as files of a folder: `state/` of a run folder, `states/ID/` of a plan's. */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from '../../base/write-atomically.ts';
import type { SavedStates } from './saved-states.ts';

/** Saving takes a twentieth of the time at most: the next one waits for so many times as long as the last one took. */
const REST = 20;

/** @param every Seconds between two at least; the last one of a training does not wait for them. */
export function stateFolder(path: string, every: number): SavedStates {
  let lastEnd = performance.now();
  let lastTook = 0;
  const fileOf = (name: string) => join(path, `${name}.safetensors`);
  return {
    read(name) {
      const file = fileOf(name);
      return existsSync(file) ? readFileSync(file) : undefined;
    },
    async offer(name, make, isLast) {
      const from = performance.now();
      const rest = every === 0 ? 0 : Math.max(isLast ? 0 : every * 1000, REST * lastTook);
      if (from - lastEnd < rest) return;
      const bytes = await make();
      mkdirSync(path, { recursive: true });
      writeAtomically(fileOf(name), bytes);
      lastEnd = performance.now();
      lastTook = lastEnd - from;
    },
  };
}

export function removeStates(path: string): void {
  rmSync(path, { recursive: true, force: true });
}
