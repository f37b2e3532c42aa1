/** Whether the methods of a study fit its data and its teacher: told before anything is trained. */
import { UserError } from './errors.ts';
import { isOfImages } from './input-config.ts';
import { matchedMethod } from './methods/matched-method.ts';
import type { StudyConfig } from './results.ts';
import { learntRows } from './student-rows.ts';

/** @throws UserError naming the first method that does not, or the option that leaves students too few rows. */
export function checkMethods(config: StudyConfig): void {
  const { teacherMode, trainFraction, validationShare } = config;
  for (const name of config.methods) {
    const { method, addOns } = matchedMethod(name);
    const fail = (problem: string) => new UserError(`--methods: '${name}' ${problem}`);
    const isSynthetic = method.synthetic !== undefined;
    if ((addOns.length > 0 || isSynthetic) && isOfImages(config))
      throw fail('compares networks at made points of tables; it is not for images');
    if (method.needs?.includes('teacherVariance') && teacherMode !== 'ensemble')
      throw fail('learns from several teachers; it wants --teacher-mode ensemble');
    const isSeveral = teacherMode === 'ensemble' || teacherMode === 'out-of-fold';
    if (method.needs?.includes('teacherFeatures') && isSeveral)
      throw fail('wants the features of one teacher: --teacher-mode plain or early-stopping');
    if (trainFraction === 0 && !isSynthetic)
      throw fail(
        'needs training samples, and --train-fraction 0 leaves none; sampling, direct, generator do not',
      );
    if (validationShare > 0 && isSynthetic)
      throw fail('sees no training samples, so it has none to be validated on; leave out --validation-share');
  }
  if (validationShare > 0) learntRows(config);
}
