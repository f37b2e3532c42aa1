/** The teachers of a study, wherever they come from. */
import { columnTeachers, savedTeachers } from './given-teachers.ts';
import type { SavedNetwork } from '../network-file.ts';
import { cachedTeachers, type TeacherCache, type TeacherWatch } from './teacher-cache.ts';
import type { TeacherTask } from './teacher-key.ts';
import { teacherOrigin } from './teacher-origin.ts';
import type { Teachers } from './teacher.ts';

export interface TeacherSources {
  /** Of those that are trained. */
  readonly cache: TeacherCache | undefined;
  /** The file that the configuration names, if it names one. */
  readonly saved: SavedNetwork | undefined;
}

/** Undefined if their training was interrupted. */
export function findTeachers(
  task: TeacherTask,
  watch: TeacherWatch,
  { cache, saved }: TeacherSources,
): Teachers | Promise<Teachers | undefined> {
  switch (teacherOrigin(task.config)) {
    case 'column':
      return columnTeachers(task.data);
    case 'file':
      return savedTeachers(saved!, task.data, task.backend);
    case 'trained':
      return cachedTeachers(task, watch, cache);
  }
}
