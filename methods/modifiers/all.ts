/** What can follow a method's name after a plus sign, by name and in order. A new one is a file beside this and a line here. */
import type { AllValuesOf } from '../../base/option.ts';
import { abm } from './abm.ts';
import { eskd } from './eskd.ts';
import { gm } from './gm.ts';
import { longer } from './longer.ts';
import type { Modifier } from './modifier.ts';
import { pm } from './pm.ts';
import { rco } from './rco.ts';
import { restarts } from './restarts.ts';

const all = [pm, abm, gm, rco, restarts, longer, eskd] as const;

/** What can be set of all of them together. */
export type ModifierValues = AllValuesOf<(typeof all)[number]['options']>;

export const modifiers: ReadonlyMap<string, Modifier> = new Map(
  all.map((modifier) => [modifier.name, modifier as Modifier]),
);
