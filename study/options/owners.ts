/** Who owns the options of a study, besides those that steer the command: what can be set is what they declare. */
import type { ValuesOf } from '../../base/option.ts';
import { outlierOptions } from '../../losses/outlier-options.ts';
import { modifiers, type ModifierValues } from '../../methods/modifiers/all.ts';
import { methods, methodsOption, type MethodValues } from '../../methods/all.ts';
import { dataKinds, type DataValues } from '../data/kinds/all.ts';
import { taskOption, tasks } from '../../tasks/all.ts';
import type { classificationOptions } from '../../tasks/classification.ts';
import { runOptions } from '../run-options.ts';
import { studentOptions } from '../student-options.ts';
import { teacherOptions, teacherTrainingOptions } from '../teachers/teacher-options.ts';

const networks = { methods: methodsOption, ...teacherOptions };
const learnt = { task: taskOption };
const training = { ...studentOptions, ...teacherTrainingOptions, ...outlierOptions };

export interface Owner {
  /** By their keys in a configuration. */
  readonly options?: object;
  /** No part of it. */
  readonly reading?: object;
}

/** In the order in which people read their options; some have the same ones. */
export function owners(): readonly Owner[] {
  return [
    { options: networks },
    { options: learnt },
    ...tasks.values(),
    ...dataKinds.values(),
    { options: training },
    ...methods.values(),
    ...modifiers.values(),
    { options: runOptions },
  ];
}

/** What all of them together hold. */
export type OptionValues = ValuesOf<
  typeof networks & typeof learnt & typeof classificationOptions & typeof training & typeof runOptions
> &
  DataValues &
  MethodValues &
  ModifierValues;
