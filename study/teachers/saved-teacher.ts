/** Whether a network that was read can teach a study: it must know the same columns, in the same order. */
import { UserError } from '../../base/errors.ts';
import { isOfClasses as isOfClassesJson } from '../../tasks/coding.ts';
import type { ColumnNames } from '../data/column-names.ts';
import type { StudyConfig } from '../results.ts';
import type { SavedNetwork } from '../saved-network.ts';
import { teacherOrigin } from './teacher-origin.ts';

/**
 * What the file makes of the configuration: several networks are an ensemble, one is a plain teacher. Nothing for teachers
 * that are not files.
 *
 * @throws UserError if the file was not read, is for images, or is for other columns.
 */
export function fittingTeacher(
  config: StudyConfig,
  saved: SavedNetwork | undefined,
  names: () => ColumnNames,
  ownClasses: () => readonly string[] | undefined,
): Partial<StudyConfig> {
  if (teacherOrigin(config) !== 'file') return {};
  const where = `--teacher ${config.teacher}`;
  if (!saved) throw new UserError(`${where} was not read; only the command line reads such files`);
  const { description } = saved;
  if (description.image) throw new UserError(`${where} is for images; wants a network for tables`);
  const own = names();
  for (const part of ['inputs', 'targets'] as const)
    checkNames(`${where}: its ${part}`, description[part].names, own[part]);
  const classes = isOfClassesJson(description.targets) ? description.targets.classes : undefined;
  const wanted = ownClasses();
  if (classes?.join('\n') !== wanted?.join('\n'))
    throw new UserError(
      `${where}: it ${classes ? `knows the classes ${quoted(classes)}` : 'predicts numbers'}, and labels of the study are ${wanted ? `the classes ${quoted(wanted)}` : 'numbers'}`,
    );
  return { teacherMode: description.folds > 1 ? 'ensemble' : 'plain' };
}

function checkNames(what: string, saved: readonly string[], wanted: readonly string[]): void {
  const strange = saved.filter((name) => !wanted.includes(name));
  const lacking = wanted.filter((name) => !saved.includes(name));
  if (strange.length > 0 || lacking.length > 0) {
    const problems = [
      ...(lacking.length > 0 ? [`it lacks ${quoted(lacking)}`] : []),
      ...(strange.length > 0 ? [`it has ${quoted(strange)} besides`] : []),
    ];
    throw new UserError(
      `${what} are not those of the study: ${problems.join(' and ')}; --columns and --target choose`,
    );
  }
  const place = saved.findIndex((name, i) => name !== wanted[i]);
  if (place >= 0)
    throw new UserError(
      `${what} are in another order: number ${place + 1} is '${saved[place]}', and '${wanted[place]}' in the study; ` +
        '--columns and --target order',
    );
}

function quoted(names: readonly string[]): string {
  const shown = names.slice(0, 5).map((name) => `'${name}'`);
  return names.length > 5 ? `${shown.join(', ')} and ${names.length - 5} more` : shown.join(', ');
}
