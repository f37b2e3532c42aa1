/** Whose turn it is: the methods of a study and their teacher, in the order in which they are trained. */
import { isOfImages } from './options/input-config.ts';
import { matchedMethod } from '../methods/matched-method.ts';
import type { StudyConfig } from './results.ts';

/**
 * Students without a teacher come first: they give the first results soonest, and no number depends on the order. Of
 * images the teacher says which are shown, so that it is the first.
 */
export function trainingOrder(config: StudyConfig): string[] {
  const needsTeacher = (name: string) => {
    const { method, addOns } = matchedMethod(name);
    return isOfImages(config) || method.needsTeacher || addOns.length > 0;
  };
  const chosen = config.methods;
  return [...chosen.filter((method) => !needsTeacher(method)), 'teacher', ...chosen.filter(needsTeacher)];
}
