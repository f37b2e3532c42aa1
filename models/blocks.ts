/** A network's blocks by name, in order: all of them, no further than some, or from after one on. */
import { checkFunction, checkList, checkNamed, inWords } from '../engine/borders.ts';
import type { Shape } from '../engine/shape.ts';
import type { Tensor } from '../engine/tensor.ts';
import type { Fresh, Layer } from './layers.ts';

/** A layer, or several that belong together, whose output can be asked for by its name. */
export interface Block extends Layer {
  readonly name: string;
}

/** The name of what a network puts out, behind its blocks. */
export const OUTPUT = 'output';

export function block(name: string, layer: Layer): Block {
  if (typeof name !== 'string') throw new Error(`block: the name must be a text, got ${inWords(name)}`);
  checkNamed('block', layer, 'shape run');
  const { shape, run } = layer;
  checkList('block', 'shape', shape);
  checkFunction('block', 'run', run);
  return { name, shape, run };
}

/** Refuses what is no list of blocks, and two of one name. */
export function checkBlocks(where: string, blocks: readonly Block[]): void {
  checkList(where, 'blocks', blocks);
  const names = new Set<string>();
  for (const each of blocks) {
    checkFunction(where, "a block's run", each?.run);
    if (names.has(each.name)) throw new Error(`${where}: two blocks are called '${each.name}'`);
    names.add(each.name);
  }
}

/** Of one sample that each block puts out, by name. */
export function shapesOf(blocks: readonly Block[]): Readonly<Record<string, Shape>> {
  return Object.fromEntries(blocks.map(({ name, shape }) => [name, shape]));
}

/**
 * How many blocks have to run for all of `names`; all of them for 'output'.
 *
 * @throws if there is no block of a name.
 */
export function blocksUpTo(network: string, blocks: readonly Block[], names: readonly string[]): number {
  const places = names.map((name) =>
    name === OUTPUT ? blocks.length : blocks.findIndex((each) => each.name === name) + 1,
  );
  const unknown = names.find((_, i) => places[i] === 0 && names[i] !== OUTPUT);
  if (unknown === undefined) return Math.max(0, ...places);
  const known = [...blocks.map(({ name }) => name), OUTPUT];
  throw new Error(`${network}: no block '${unknown}'; it has ${known.join(', ')}`);
}

/** Runs blocks on x, one after another, and hands each output to `seen`. */
export function runBlocks(
  blocks: readonly Block[],
  x: Tensor,
  fresh?: Fresh,
  seen: (name: string, y: Tensor) => void = () => {},
): Tensor {
  let y = x;
  for (const { name, run } of blocks) {
    y = run(y, fresh);
    seen(name, y);
  }
  return y;
}
