/** Whether the methods of a study fit its data and its teacher: checked before anything is trained. */
import { UserError } from '../../base/errors.ts';
import { isOfImages } from './input-config.ts';
import { methods } from '../../methods/all.ts';
import { type MatchedMethod, matchedMethod } from '../../methods/matched-method.ts';
import type { BlockPair } from '../../methods/method.ts';
import { blockShapes } from '../../models/network.ts';
import { sizeOf } from '../data/seed-dataset.ts';
import { blocksOf, checkBlocks } from '../feature-hint.ts';
import type { StudyConfig } from '../results.ts';
import type { SavedNetwork } from '../saved-network.ts';
import { learntRows } from '../data/student-rows.ts';
import { teacherOrigin } from '../teachers/teacher-origin.ts';

const withoutData = [...methods.values()].flatMap(({ name, synthetic }) => (synthetic ? [name] : []));

/**
 * `saved` is the teacher that was read, if one was.
 *
 * @throws UserError naming the first method that does not, or the option that leaves students too few rows.
 */
export function checkMethods(config: StudyConfig, saved?: SavedNetwork): void {
  const { teacherMode, trainFraction, validationShare, teacherColumn } = config;
  const origin = teacherOrigin(config);
  for (const name of config.methods) {
    const { method, addOns } = matchedMethod(name);
    const fail = (problem: string) => new UserError(`--methods: '${name}' ${problem}`);
    const isSynthetic = method.synthetic !== undefined;
    if ((addOns.length > 0 || isSynthetic) && isOfImages(config))
      throw fail('compares networks at made points of tables; it is not for images');
    const beyond = beyondPredictions({ method, addOns });
    if (origin === 'column' && beyond !== undefined)
      throw fail(
        `${beyond}, and --teacher-column ${teacherColumn!.join(',')} has its predictions for rows alone; ` +
          'wants --teacher FILE.safetensors, or a teacher that is trained',
      );
    if (method.needs?.includes('teacherVariance') && teacherMode !== 'ensemble')
      throw fail(
        origin === 'file'
          ? `learns from several teachers, and ${config.teacher} is one; wants a file of --teacher-mode ensemble`
          : 'learns from several teachers; it wants --teacher-mode ensemble',
      );
    const isSeveral = teacherMode === 'ensemble' || teacherMode === 'out-of-fold';
    if (method.needs?.includes('teacherFeatures') && isSeveral)
      throw fail(
        origin === 'file'
          ? `wants the features of one teacher, and ${config.teacher} holds several`
          : 'wants the features of one teacher: --teacher-mode plain or early-stopping',
      );
    if (trainFraction === 0 && !isSynthetic)
      throw fail(
        `needs training samples, and --train-fraction 0 leaves none; ${withoutData.join(', ')} do not`,
      );
    if (validationShare > 0 && isSynthetic)
      throw fail('sees no training samples, so it has none to be validated on; leave out --validation-share');
    const blocks = blocksOf({ method }, config);
    const teacher = origin === 'file' ? saved?.description.network : config.teacher;
    if (blocks && teacher !== undefined)
      checkBlocksOf(`--methods: '${name}'`, blocks, { ...config, teacher });
  }
  if (validationShare > 0) learntRows(config);
}

/** Of images that keep the size of their files there is nothing to check before they are read. */
function checkBlocksOf(label: string, blocks: BlockPair, config: StudyConfig): void {
  const { width, height } = sizeOf(config.size);
  const image = isOfImages(config) ? ([1, height, width] as const) : undefined;
  if (image && config.size === '') return;
  const shape = { inputs: image ? height * width : 1, outputs: 1, extras: 0, image };
  checkBlocks(label, blocks, {
    teacher: blockShapes(config.teacher, '--teacher', shape),
    student: blockShapes(config.student, '--student', shape),
  });
}

/** For what a method wants a teacher, besides predictions for the training rows. */
function beyondPredictions({
  method: { needs = [], synthetic },
  addOns,
}: Pick<MatchedMethod, 'method' | 'addOns'>): string | undefined {
  if (addOns.length > 0 || synthetic) return 'asks the teacher at points of its own';
  if (needs.includes('teacherFeatures')) return "learns from the teacher's features";
  return needs.includes('teacherVariance') ? 'learns from several teachers' : undefined;
}
