/** Tensors, and whole training states, as safetensors files: what is saved here resumes to the same bits. */
import type { Values } from '../backend.ts';
import { checkBytes } from '../../base/borders.ts';
import { checkNamed, checkOptions, inWords } from '../borders.ts';
import type { FlatOptimizer } from '../optim/flat-optimizer.ts';
import type { Optimizer, Parameters } from '../optim/optim.ts';
import { decodeSafetensors, encodeSafetensors, type SafetensorsTensor } from './safetensors.ts';
import { sameShape, show } from '../shape.ts';
import { Step } from '../step.ts';
import { checkTensor, type Tensor } from '../tensor.ts';

/** Thrown where a file does not fit the tensors that it should fill, or a state cannot be saved. */
export class CheckpointError extends Error {
  override name = 'CheckpointError';
}

/** What a run is made of. */
export interface TrainingState {
  /** All of the optimiser's parameters, and any other tensors that the run changes: running statistics. */
  parameters: Parameters;
  /** Left out when loading, only the parameters are filled. */
  optimizer?: Optimizer | undefined;
  /** Several, by names of your own, instead of `optimizer`. Left out like that. */
  players?: Readonly<Record<string, Optimizer>> | undefined;
  /** The backend's: its number is the whole state of the random streams, which are counter-based. */
  step: Step;
}

const OPTIMIZER = 'optimizer.';
/** Keys of a checkpoint's own metadata begin with this. */
const OWN = 'limbeck.';
const VERSION = '1';

/**
 * A safetensors file of named tensors, as they are at the moment of the call. The CPU backend's float64 numbers are
 * rounded to float32, which other programs expect, unless `float64` is set.
 */
export async function saveTensors(
  tensors: Parameters,
  metadata: Readonly<Record<string, string>> = {},
  options: { float64?: boolean | undefined } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  checkTensors('saveTensors', tensors);
  if (metadata === null || typeof metadata !== 'object')
    throw new Error(`saveTensors: metadata must be an object of texts, got ${inWords(metadata)}`);
  checkOptions('saveTensors', options, 'float64');
  const { float64 = false } = options;
  // All reads are issued before the first is awaited: no later step can come between them.
  const read = Object.entries(tensors).map(async ([name, x]) => {
    const values = await x.data();
    const isRounded = values instanceof Float64Array && !float64;
    return [name, { shape: x.shape, values: isRounded ? Float32Array.from(values) : values }] as const;
  });
  return encodeSafetensors(new Map(await Promise.all(read)), metadata);
}

/**
 * Fills named tensors with the numbers of a file, in place.
 *
 * @throws SafetensorsError for a broken file, CheckpointError if names, shapes or types differ. Nothing is written then.
 */
export function loadTensors(parameters: Parameters, bytes: Uint8Array): void {
  checkTensors('loadTensors', parameters);
  checkBytes('loadTensors', bytes);
  fill('loadTensors', parameters, decodeSafetensors(bytes).tensors);
}

/** A file from which `loadCheckpoint` resumes the run, with `metadata` of your own: epoch, data order, configuration. */
export function saveCheckpoint(
  state: TrainingState,
  metadata: Readonly<Record<string, string>> = {},
): Promise<Uint8Array<ArrayBuffer>> {
  checkState('saveCheckpoint', state);
  if (metadata === null || typeof metadata !== 'object')
    throw new Error(`saveCheckpoint: metadata must be an object of texts, got ${inWords(metadata)}`);
  const { step } = state;
  const tensors = stateTensors('saveCheckpoint', state);
  for (const key of Object.keys(metadata)) {
    if (key.startsWith(OWN)) {
      throw new CheckpointError(`saveCheckpoint: metadata '${key}': '${OWN}' is taken; rename it`);
    }
  }
  const own: Record<string, string> = { [`${OWN}version`]: VERSION, [`${OWN}step`]: String(step.number) };
  for (const [key, optimizer] of optimizersOf(state)) {
    own[`${OWN}updates${key}`] = String(optimizer.updates);
    own[`${OWN}layout${key}`] = layoutOf(optimizer);
  }
  return saveTensors(tensors, { ...own, ...metadata }, { float64: true });
}

/**
 * Puts a run back to where `saveCheckpoint` saw it, and returns the metadata that it was given.
 *
 * @throws SafetensorsError for a broken file, CheckpointError if it does not fit. Nothing is changed then.
 */
export function loadCheckpoint(state: TrainingState, bytes: Uint8Array): Record<string, string> {
  const where = 'loadCheckpoint';
  checkState(where, state);
  checkBytes(where, bytes);
  const { step } = state;
  const optimizers = optimizersOf(state);
  const { tensors, metadata } = decodeSafetensors(bytes);
  const version = metadata[`${OWN}version`];
  if (version !== VERSION) {
    throw new CheckpointError(
      `${where}: wants version ${VERSION}, got ${version ?? 'no checkpoint'}; for bare tensors call loadTensors`,
    );
  }
  const stepNumber = count(metadata, 'step');
  const updates = optimizers.map(([key]) => count(metadata, `updates${key}`));
  for (const [key, optimizer] of optimizers)
    checkLayout(where, layoutOf(optimizer), metadata[`${OWN}layout${key}`]);
  if (optimizers.length === 0)
    for (const name of tensors.keys()) if (name.startsWith(OPTIMIZER)) tensors.delete(name);
  fill(where, stateTensors(where, state), tensors);

  // The optimiser counts its updates from the step, and the step evaluates the optimiser's schedules: in this order.
  step.number = stepNumber;
  for (const [i, [, optimizer]] of optimizers.entries()) optimizer.updates = updates[i]!;
  step.begin(stepNumber);

  for (const key of Object.keys(metadata)) if (key.startsWith(OWN)) delete metadata[key];
  return metadata;
}

function checkTensors(where: string, tensors: Parameters): void {
  if (tensors === null || typeof tensors !== 'object' || tensors instanceof Promise)
    throw new Error(`${where}: wants named tensors, got ${inWords(tensors)}`);
  for (const [name, x] of Object.entries(tensors)) checkTensor(where, `'${name}'`, x);
}

function checkState(where: string, state: TrainingState): void {
  checkNamed(where, state, 'parameters optimizer players step');
  checkTensors(where, state.parameters);
  const names = Object.keys(state.players ?? {});
  if (state.optimizer && names.length > 0)
    throw new CheckpointError(`${where}: an optimizer and players; make the optimizer one of the players`);
  for (const name of names)
    if (name.includes('.')) throw new CheckpointError(`${where}: player '${name}': names have no dots`);
  for (const [, optimizer] of optimizersOf(state)) (optimizer as Partial<FlatOptimizer>).follower?.check();
  if (!(state.step instanceof Step))
    throw new Error(`${where}: step must be backend.step, got ${inWords(state.step)}`);
}

/** Everything to save, by its name in the file. The flat parameters are left out: the named ones are its views. */
function stateTensors(where: string, state: TrainingState): Parameters {
  const { parameters } = state;
  for (const name of Object.keys(parameters)) {
    if (name.startsWith(OPTIMIZER)) {
      throw new CheckpointError(`${where}: parameter '${name}': '${OPTIMIZER}' is taken; rename it`);
    }
  }
  const known = new Set(Object.values(parameters));
  const all = { ...parameters };
  for (const [key, optimizer] of optimizersOf(state)) {
    for (const [name, x] of Object.entries(optimizer.parameters)) {
      if (!known.has(x))
        throw new CheckpointError(`${where}: the optimiser's '${name}' is not among the parameters; add it`);
    }
    const prefix = key ? `${OPTIMIZER}${key.slice(1)}.` : OPTIMIZER;
    for (const [name, x] of Object.entries(optimizer.state))
      if (name !== 'parameters') all[prefix + name] = x;
  }
  return all;
}

/** The optimiser, or the players, and what their names add to the keys of the metadata. */
function optimizersOf({ optimizer, players = {} }: TrainingState): [string, Optimizer][] {
  const named = Object.entries(players).map(([name, player]): [string, Optimizer] => [`.${name}`, player]);
  return optimizer ? [['', optimizer], ...named] : named;
}

/** Moments are flat buffers in the order of the parameters: in another order they would fit, and be wrong. */
function layoutOf(optimizer: Optimizer): string {
  return JSON.stringify([optimizer.name, ...Object.keys(optimizer.parameters)]);
}

function checkLayout(where: string, wanted: string, found: string | undefined): void {
  if (found === wanted) return;
  const came = found ?? 'no optimiser state; leave `optimizer` out';
  throw new CheckpointError(`${where}: the optimiser's parameters are ${wanted}, the file's ${came}`);
}

function count(metadata: Readonly<Record<string, string>>, key: string): number {
  const text = metadata[OWN + key];
  if (text !== undefined && /^\d{1,15}$/.test(text)) return Number(text);
  throw new CheckpointError(
    `loadCheckpoint: wants an integer in metadata '${OWN}${key}', got ${text ?? 'none'}`,
  );
}

/** Checks everything, then writes everything. */
function fill(where: string, tensors: Parameters, found: ReadonlyMap<string, SafetensorsTensor>): void {
  const problems: string[] = [];
  const writes: (() => void)[] = [];
  for (const [name, x] of Object.entries(tensors)) {
    const given = found.get(name);
    if (!given) problems.push(`'${name}' ${show(x.shape)} is missing`);
    else if (!sameShape(given.shape, x.shape)) {
      problems.push(`'${name}' wants ${show(x.shape)}, got ${show(given.shape)}`);
    } else if ((x.dtype === 'u32') !== given.values instanceof Uint32Array) {
      problems.push(`'${name}' wants ${x.dtype}, got ${given.dtype}`);
    } else writes.push(write(x, given.values));
  }
  for (const [name, { shape }] of found) {
    if (!Object.hasOwn(tensors, name)) problems.push(`'${name}' ${show(shape)} is not expected`);
  }
  if (problems.length > 0) {
    const more = problems.length > 12 ? [`and ${problems.length - 12} more`] : [];
    const list = [...problems.slice(0, 12), ...more].join('\n  ');
    throw new CheckpointError(`${where}: the file does not fit, nothing was written:\n  ${list}`);
  }
  for (const upload of writes) upload();
}

/** Looks at the tensor now, so that one that was disposed throws before anything is written. */
function write({ binding, backend, writes, dtype }: Tensor, values: Values): () => void {
  return () => {
    backend.upload(binding, values, dtype);
    writes.note();
  };
}
