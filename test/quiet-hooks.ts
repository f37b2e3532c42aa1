/** The hooks of a study, for tests that listen to few of them. */
import type { StudyHooks } from '../study/study-types.ts';

export function quietHooks(heard: Partial<StudyHooks> = {}): StudyHooks {
  return {
    onDevice() {},
    onPlan() {},
    onProgress() {},
    onPoint() {},
    async onNetwork() {},
    async onSeed() {},
    signal: new AbortController().signal,
    ...heard,
  };
}
