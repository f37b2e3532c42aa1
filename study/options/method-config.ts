/** Whether the methods of a study fit its data and its teacher: checked before anything is trained. */
import { UserError } from '../../base/errors.ts';
import { valuesFor } from '../../base/option.ts';
import { isOfImages } from './input-config.ts';
import { methods } from '../../methods/all.ts';
import type { TeacherNeed } from '../../methods/artifact.ts';
import { type ChosenMethod, chosenMethod, seesRows, teacherNeeds } from '../../methods/chosen-method.ts';
import { blockShapes } from '../../models/network.ts';
import { widthAndHeight } from '../data/kinds/images.ts';
import { isBuiltIn } from '../../tasks/all.ts';
import type { Task } from '../../tasks/task.ts';
import { dataKindOf, taskOf } from '../data/kinds/all.ts';
import type { StudyConfig } from '../results.ts';
import type { SavedNetwork } from '../network-file.ts';
import { learntRows } from '../data/student-rows.ts';
import { teacherOrigin } from '../teachers/teacher-origin.ts';

/**
 * `saved` is the teacher that was read, if one was.
 *
 * @throws UserError naming the first method that does not, or the option that leaves students too few rows.
 */
export function checkMethods(config: StudyConfig, saved?: SavedNetwork): void {
  const { trainFraction, validationShare } = config;
  checkTaskOfData(config);
  for (const name of config.methods) {
    const chosen = chosenMethod(name);
    const fail = (problem: string) => new UserError(`--methods: '${name}' ${problem}`);
    checkTask(chosen, config, fail);
    checkNeeds(chosen, config, fail);
    const hasRows = seesRows(chosen, { ...config });
    if (trainFraction === 0 && hasRows)
      throw fail(
        `needs training samples, and --train-fraction 0 leaves none; ${withoutData(config).join(', ')} do not`,
      );
    if (validationShare > 0 && !hasRows)
      throw fail('sees no training samples, so it has none to be validated on; leave out --validation-share');
    checkNetworks(chosen, config, saved);
  }
  if (validationShare > 0) learntRows(config);
}

/** A task of the user's own may be for any data; what it cannot do it must say itself. */
function checkTaskOfData(config: StudyConfig): void {
  const { tasks: fit } = dataKindOf(config);
  const { task } = config;
  if (task !== '' && isBuiltIn(task) && !(fit as readonly string[]).includes(task))
    throw new UserError(`--task: ${task} is not for --data ${config.data}, which is for ${fit.join(' or ')}`);
}

type Fail = (problem: string) => UserError;

function checkTask(chosen: ChosenMethod, config: StudyConfig, fail: Fail): void {
  const { method, modifiers } = chosen;
  const atPoints = modifiers.some(({ matching }) => matching);
  if (isOfImages(config) && (atPoints || !seesRows(chosen, { ...config })))
    throw fail('compares networks at made points of tables; it is not for images');
  const { name, labels } = taskOf(config);
  const other = method.labels !== undefined && method.labels !== labels ? method.labels : undefined;
  if (other) throw fail(labelWords[other](config));
  const unfit = [method, ...modifiers].find(({ tasks }) => tasks && !tasks.includes(name));
  if (unfit)
    throw fail(`is for the task ${unfit.tasks!.join(' or ')}, and that of --data ${config.data} is ${name}`);
}

/** Why labels of one kind are of no use to a method for the other. */
const labelWords: Readonly<Record<Task['labels'], (config: StudyConfig) => string>> = {
  numbers: () =>
    `takes differences of numbers, and labels are classes; for those there are ${withLabels('classes').join(', ')}`,
  classes: ({ data }) =>
    `is for labels that are classes, and those of --data ${data} are numbers; of a table with classes wants --task classification`,
};

/** Methods that can learn from such labels of any data. */
function withLabels(labels: Task['labels']): string[] {
  return [...methods.values()].flatMap(({ name, tasks: own, labels: kind = labels }) =>
    kind === labels && !own ? [name] : [],
  );
}

function checkNeeds(chosen: ChosenMethod, config: StudyConfig, fail: Fail): void {
  const { teacherMode, teacherColumn, teacher } = config;
  const origin = teacherOrigin(config);
  const needs = teacherNeeds(chosen);
  const beyond = needs.find((need) => need !== 'predictions');
  if (origin === 'column' && beyond !== undefined)
    throw fail(
      `${beyondWords[beyond]}, and --teacher-column ${teacherColumn!.join(',')} has its predictions for rows alone; ` +
        'wants --teacher FILE.safetensors, or a teacher that is trained',
    );
  if (needs.includes('route') && origin === 'file')
    throw fail(`${beyondWords.route}, and ${teacher} is its end alone; wants a teacher that is trained`);
  if (needs.includes('route') && teacherMode !== 'plain')
    throw fail(`${beyondWords.route}; it wants --teacher-mode plain`);
  if (needs.includes('variance') && teacherMode !== 'ensemble')
    throw fail(
      origin === 'file'
        ? `learns from several teachers, and ${config.teacher} is one; wants a file of --teacher-mode ensemble`
        : 'learns from several teachers; it wants --teacher-mode ensemble',
    );
  const isSeveral = teacherMode === 'ensemble' || teacherMode === 'out-of-fold';
  if (needs.includes('features') && isSeveral)
    throw fail(
      origin === 'file'
        ? `wants the features of one teacher, and ${config.teacher} holds several`
        : 'wants the features of one teacher: --teacher-mode plain or early-stopping',
    );
}

/** For what a method wants a teacher, besides predictions for the training rows. */
const beyondWords: Readonly<Record<TeacherNeed, string>> = {
  predictions: '',
  network: 'asks the teacher at points of its own',
  features: "learns from the teacher's features",
  variance: 'learns from several teachers',
  route: "learns from checkpoints of the teacher's training",
};

/** Those of the study's task that need no rows. */
function withoutData(config: StudyConfig): string[] {
  const names = [...methods.keys()];
  return names.filter((name) => !seesRows(chosenMethod(name), { ...config }));
}

/** Of images that keep the size of their files there is nothing to check before they are read. */
function checkNetworks(chosen: ChosenMethod, config: StudyConfig, saved: SavedNetwork | undefined): void {
  const { name, method } = chosen;
  const asked = teacherNeeds(chosen).length > 0;
  const teacher = teacherOrigin(config) === 'file' ? saved?.description.network : config.teacher;
  const isUnknown = isOfImages(config) && config.size === '';
  if (!method.check || (asked && !teacher) || isUnknown) return;
  const { width, height } = widthAndHeight(config.size);
  const image = isOfImages(config) ? ([1, height, width] as const) : undefined;
  const shape = { inputs: image ? height * width : 1, outputs: 1, extras: 0, image };
  method.check(
    `--methods: '${name}'`,
    {
      teacher: asked ? blockShapes(teacher!, '--teacher', shape) : {},
      student: blockShapes(config.student, '--student', shape),
      peers: config.peers.map((text) => blockShapes(text, '--peers', shape)),
    },
    valuesFor(method.options, { ...config }),
  );
}
