/** Every method that a study can train, by name. A new one is a file beside this and a line here. */
import { addNamed } from '../base/add-named.ts';
import type { Task } from '../tasks/task.ts';
import type { AllValuesOf, Option } from '../base/option.ts';
import { ail } from './ail.ts';
import { direct } from './data-free/direct.ts';
import { generator } from './data-free/generator.ts';
import { impressions } from './data-free/impressions.ts';
import { sampling } from './data-free/sampling.ts';
import { ensemble } from './ensemble.ts';
import { heteroscedastic } from './heteroscedastic.ts';
import { hint } from './hint.ts';
import { imitation } from './imitation.ts';
import { kd } from './kd.ts';
import { kdMix } from './kd-mix.ts';
import type { Method } from './method.ts';
import { afd, afdMaps } from './peers/afd.ts';
import { dml } from './peers/dml.ts';
import { dmlL1 } from './peers/dml-l1.ts';
import { rkd } from './rkd.ts';
import { scratch } from './scratch.ts';
import { scratchHuber } from './scratch-huber.ts';
import { tbr } from './tbr.ts';
import { tbrImitation } from './tbr-imitation.ts';
import { tor } from './tor.ts';
import { torDual } from './tor-dual.ts';

const all = [
  scratch,
  scratchHuber,
  heteroscedastic,
  imitation,
  kd,
  kdMix,
  tbr,
  tbrImitation,
  ail,
  hint,
  rkd,
  ensemble,
  tor,
  torDual,
  sampling,
  direct,
  generator,
  impressions,
  dml,
  dmlL1,
  afd,
  afdMaps,
] as const;

/** What can be set of all of them together. */
export type MethodValues = AllValuesOf<NonNullable<(typeof all)[number]['options']>>;

const known = new Map<string, Method>(all.map((method: Method) => [method.name, method]));

export const methods: ReadonlyMap<string, Method> = known;

/** Adds one from outside: from then on it is as known as the others. @throws UserError for a name that is taken. */
export function addMethod(method: Method): void {
  addNamed(known, 'method', method);
}

/** Those that are trained where nobody says which: the usual ones for such labels. */
export function usualMethods(labels: Task['labels']): string[] {
  return [...methods.values()].flatMap((method) =>
    method.isUsual && (method.labels ?? labels) === labels ? [method.name] : [],
  );
}

export const methodsOption: Option<string[]> = {
  name: 'methods',
  elsewhere: ['method'],
  kind: 'methods',
  group: 'networks',
  default: usualMethods('numbers'),
  help: 'what to train',
  form: { section: 'Methods' },
};
