/** Every method by name. A new one is a file beside this and a line here. */
import { imitation } from './imitation.ts';
import { kdMix } from './kd-mix.ts';
import type { Method } from './method.ts';
import { scratch } from './scratch.ts';
import { scratchHuber } from './scratch-huber.ts';
import { tor } from './tor.ts';
import { torDual } from './tor-dual.ts';

const all: readonly Method[] = [scratch, scratchHuber, imitation, kdMix, tor, torDual];

export const methods: ReadonlyMap<string, Method> = new Map(all.map((method) => [method.name, method]));
