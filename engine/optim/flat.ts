/** Parameters as views of one flat buffer, so that one dispatch can update all of them. */
import { inWords } from '../borders.ts';
import { backendOf } from '../dispatch.ts';
import { checkDtype, Tensor } from '../tensor.ts';
import { alignedSize, Arena, arenaOf } from './arena.ts';

export { alignedSize };

export interface FlatLayout {
  /** From the first parameter to the last. */
  readonly flat: Tensor;
  readonly names: readonly string[];
  /** First element of each parameter in the flat buffer. */
  readonly starts: readonly number[];
}

/** Refuses what are no named tensors of float32: a model instead of its parameters, for one. */
export function checkParameters(where: string, parameters: Readonly<Record<string, Tensor>>): void {
  const isObject = typeof parameters === 'object' && parameters !== null && !(parameters instanceof Promise);
  if (!isObject || parameters instanceof Tensor)
    throw new Error(`${where}: wants named tensors such as model.parameters, got ${inWords(parameters)}`);
  for (const [name, x] of Object.entries(parameters)) {
    if (!(x instanceof Tensor))
      throw new Error(
        `${where}: '${name}' is ${inWords(x)}, not a tensor; of a model, pass model.parameters`,
      );
    checkDtype(where, `'${name}'`, x, 'f32');
  }
}

/**
 * Where named tensors lie in one buffer. Loose ones are moved into an arena: they stay the same tensors, with the same
 * numbers, elsewhere. Those that lie in one stay where they are; arenas are joined where they lie in several.
 *
 * @throws if there are none or one comes twice, if they live on different backends, and inside a captured step.
 */
export function flatten(parameters: Readonly<Record<string, Tensor>>, owner: string): FlatLayout {
  checkParameters(owner, parameters);
  const names = Object.keys(parameters);
  const tensors = Object.values(parameters);
  if (tensors.length === 0)
    throw new Error(`${owner}: no tensors; wants named ones such as model.parameters`);
  tensors[0]!.backend.step.recorder?.forbid(`tensors are moved, by ${owner},`);
  const backend = backendOf({ name: owner }, tensors);
  const arenas = tensors.map((x, i) => arenaOf(owner, names[i]!, x));
  for (const [i, x] of tensors.entries()) {
    const first = tensors.indexOf(x);
    if (first !== i) throw new Error(`${owner}: '${names[first]}' and '${names[i]}' are the same tensor`);
  }
  const loose = tensors.filter((_, i) => !arenas[i]);
  const capacity = loose.reduce((sum, { size }) => sum + alignedSize(size), 0);
  const [arena = new Arena(backend, { capacity }), ...others] = new Set(
    arenas.filter((a) => a !== undefined),
  );
  for (const other of others) arena.join(other);
  if (loose.length > 0) arena.take(loose);
  const span = arena.span(tensors);
  // What was moved here keeps the memory, and whoever disposes it gives it back.
  if (loose.length === tensors.length) arena.dispose();
  return { names, ...span };
}
