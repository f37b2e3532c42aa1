/** What can follow a method's name after a plus sign, by name and in order. A new one is a file beside this and a line here. */
import type { AllValuesOf } from '../../base/option.ts';
import { abm } from './abm.ts';
import type { AddOnOf } from './add-on.ts';
import { gm } from './gm.ts';
import { pm } from './pm.ts';

const all = [pm, abm, gm] as const;

export type AddOn = (typeof all)[number]['name'];

/** What can be set of all of them together. */
export type AddOnValues = AllValuesOf<(typeof all)[number]['options']>;

export const addOns: ReadonlyMap<AddOn, AddOnOf<AddOn>> = new Map(all.map((addOn) => [addOn.name, addOn]));
