/** Where a study's teacher comes from: trained here, a file that a study has saved, or columns of the table. */
import { UserError } from '../../base/errors.ts';
import type { StudyConfig } from '../results.ts';
import { teacher, teacherTrainingOptions } from './teacher-options.ts';

type TeacherChoice = Pick<StudyConfig, 'teacher' | 'teacherColumn'>;

/** Options about the training of a teacher. */
const ofTraining = Object.values(teacherTrainingOptions).map(({ name }) => name);

export function teacherOrigin({ teacherColumn, ...choice }: TeacherChoice): 'trained' | 'file' | 'column' {
  if (teacherColumn) return 'column';
  return isSavedNetwork(choice.teacher) ? 'file' : 'trained';
}

/** Whether a text on the command line means a file with a network, not a network to train. */
export function isSavedNetwork(text: string): boolean {
  return text.endsWith('.safetensors');
}

/** @throws UserError for an option that does nothing beside a teacher that is not trained. */
export function checkTeacherOptions(given: ReadonlyMap<string, string>, choice: TeacherChoice): void {
  const origin = teacherOrigin(choice);
  if (origin === 'trained') return;
  const others = origin === 'column' ? [teacher.name, ...ofTraining] : ofTraining;
  const stray = others.find((name) => given.has(name));
  if (stray === teacher.name)
    throw new UserError('--teacher and --teacher-column both name a teacher; leave one of them out');
  const from = origin === 'column' ? `--teacher-column ${choice.teacherColumn!.join(',')}` : choice.teacher;
  if (stray !== undefined)
    throw new UserError(
      `--${stray} is about a teacher to train, and it comes from ${from}; leave one of them out`,
    );
}
