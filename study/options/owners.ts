/** Who owns the options of a study, besides those that steer the command: what can be set is what they declare. */
import type { ValuesOf } from '../../base/option.ts';
import { outlierOptions } from '../../losses/outlier-options.ts';
import { addOns, type AddOnValues } from '../../methods/add-ons/add-ons.ts';
import { methods, methodsOption, type MethodValues } from '../../methods/all.ts';
import { dataKinds, type DataValues } from '../data/kinds/all.ts';
import { runOptions } from '../run-options.ts';
import { studentOptions } from '../student-options.ts';
import { teacherOptions, teacherTrainingOptions } from '../teachers/teacher-options.ts';

const networks = { methods: methodsOption, ...teacherOptions };
const training = { ...studentOptions, ...teacherTrainingOptions, ...outlierOptions };

export interface Owner {
  /** By their keys in a configuration. */
  readonly options?: object;
  /** No part of it. */
  readonly reading?: object;
}

/** In the order in which people read their options; some have the same ones. */
export const owners: readonly Owner[] = [
  { options: networks },
  ...dataKinds.values(),
  { options: training },
  ...methods.values(),
  ...addOns.values(),
  { options: runOptions },
];

/** What all of them together hold. */
export type OptionValues = ValuesOf<typeof networks & typeof training & typeof runOptions> &
  DataValues &
  MethodValues &
  AddOnValues;
