/** In which order a study trains its networks. */
import { isOfImages } from './input-config.ts';
import { methods } from './methods/all.ts';
import type { StudyConfig } from './results.ts';

/**
 * Students without a teacher come first: they give the first results soonest, and no number depends on the order. Of
 * images the teacher says which are shown, so that it is the first.
 */
export function trainingOrder(config: StudyConfig): string[] {
  const needsTeacher = (method: string) => isOfImages(config) || methods.get(method)!.needsTeacher;
  const chosen = config.methods;
  return [...chosen.filter((method) => !needsTeacher(method)), 'teacher', ...chosen.filter(needsTeacher)];
}
