/** Parameters as views of one flat buffer, so that one dispatch can update all of them. */
import { inWords } from '../borders.ts';
import { copyTo } from '../ops/movement/copy-to.ts';
import { checkDtype, Tensor, zeros } from '../tensor.ts';

/** Views must begin at multiples of 256 bytes, the padding between them is zero. */
const ALIGNMENT = 64;

export interface FlatLayout {
  readonly flat: Tensor;
  readonly names: readonly string[];
  /** First element of each parameter in the flat buffer. */
  readonly starts: readonly number[];
}

export function alignedSize(size: number): number {
  return Math.ceil(size / ALIGNMENT) * ALIGNMENT;
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
 * Moves named tensors into one flat buffer: they stay the same tensors, with the same numbers, elsewhere.
 *
 * @throws if there are none, if they live on different backends, if another optimiser has them, and inside a captured step.
 */
export function flatten(parameters: Readonly<Record<string, Tensor>>, owner: string): FlatLayout {
  checkParameters(owner, parameters);
  const names = Object.keys(parameters);
  const tensors = Object.values(parameters);
  if (tensors.length === 0)
    throw new Error(`${owner}: no tensors; wants named ones such as model.parameters`);
  tensors[0]!.backend.step.recorder?.forbid(`tensors are moved, by ${owner},`);
  for (const [name, x] of Object.entries(parameters)) {
    const other = x.storage.owner;
    if (other)
      throw new Error(`${owner}: '${name}' belongs to another optimiser, ${other}; dispose that first`);
  }
  const starts: number[] = [];
  let size = 0;
  for (const x of tensors) {
    starts.push(size);
    size += alignedSize(x.size);
  }
  const flat = zeros([size], tensors[0]!.backend, { label: 'parameters' });
  flat.storage.owner = owner;
  copyTo(tensors, flat, { rows: 1, pitch: size, widths: tensors.map((x) => x.size), starts });
  for (const [i, x] of tensors.entries()) x.moveTo(flat.storage, starts[i]!);
  return { flat, names, starts };
}
