/** Whose turn it is: the methods of a study and their teacher, in the order in which they are trained. */
import { isOfImages } from './options/input-config.ts';
import { asksTeacher } from '../methods/chosen-method.ts';
import type { StudyConfig } from './results.ts';

/** Whether a method of the study asks anything of a teacher. */
export function needsTeacher({ methods }: Pick<StudyConfig, 'methods'>): boolean {
  return methods.some(asksTeacher);
}

/**
 * Students without a teacher come first: they give the first results soonest, and no number depends on the order. Of
 * images the teacher says which are shown, so that it is the first. Where no method asks for a teacher there is none.
 */
export function trainingOrder(config: StudyConfig): string[] {
  const { methods: chosen } = config;
  if (!needsTeacher(config)) return [...chosen];
  const isLater = (name: string) => isOfImages(config) || asksTeacher(name);
  return [...chosen.filter((method) => !isLater(method)), 'teacher', ...chosen.filter(isLater)];
}
