/** Which file of weights is meant: a file itself, or a run folder's by method and seed. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { reasonOf, UserError } from '../base/errors.ts';
import { readRegular } from '../study/read/read-bytes.ts';
import { configIn } from '../study/run/config-file.ts';
import { readNetwork, type SavedNetwork } from '../study/saved-network.ts';
import { suggestion } from '../base/suggest.ts';

export interface WeightsChoice {
  /** A run folder or a file. */
  readonly model: string;
  /** Of a run folder: 'tor-dual' if it has that, else the last one that was asked for; of peers one, 'dml/2', else the first. */
  readonly method?: string | undefined;
  /** Of a run folder: the lowest. */
  readonly seed?: number | undefined;
}

interface WeightsFile {
  readonly path: string;
  readonly method: string;
  readonly seed: number;
}

const WHERE = '--model';
const CURE = 'wants a run folder, or one of the files in its weights/';

/** @throws UserError that begins with the option or the file. */
export function openWeights(choice: WeightsChoice): SavedNetwork {
  const path = weightsPath(choice);
  return readNetwork(
    attempt(path, () => readRegular(path)),
    path,
  );
}

function weightsPath({ model, method, seed }: WeightsChoice): string {
  if (attempt(model, () => statSync(model)).isDirectory()) return chosen(model, method, seed).path;
  const stray = method === undefined ? (seed === undefined ? undefined : '--seed') : '--method';
  if (stray)
    throw new UserError(`${stray} chooses among those of a run folder; ${model} is a single network`);
  return model;
}

function chosen(folder: string, method: string | undefined, seed: number | undefined): WeightsFile {
  const files = filesIn(folder);
  const methods = [...new Set(files.map((file) => file.method))];
  const wanted = method ?? usualMethod(folder, methods);
  if (!methods.includes(wanted))
    throw new UserError(
      `--method: ${folder} has no '${wanted}'${suggestion(wanted, methods)} (it has ${methods.join(', ')})`,
    );
  const ofMethod = files.filter((file) => file.method === wanted);
  const found = seed === undefined ? ofMethod[0] : ofMethod.find((file) => file.seed === seed);
  if (found) return found;
  const seeds = ofMethod.map((file) => file.seed);
  throw new UserError(`--seed: ${folder} has no seed ${seed} of ${wanted} (it has ${seeds.join(', ')})`);
}

/** By method and seed. */
function filesIn(folder: string): WeightsFile[] {
  let names: string[];
  try {
    names = readdirSync(join(folder, 'weights'));
  } catch {
    const hasEarlier = ['.earlier', '.moving'].some((name) => existsSync(join(folder, name, 'config.json')));
    if (hasEarlier)
      throw new UserError(
        `${WHERE}: the run of '${folder}' was put aside by one that was killed; distill --out ${folder} puts it back`,
      );
    throw new UserError(`${WHERE}: '${folder}' is no run folder: it has no weights/; ${CURE}`);
  }
  const files = names.flatMap((name): WeightsFile[] => {
    const [, inFiles, seed] = /^(.+)-seed(\d+)\.safetensors$/.exec(name) ?? [];
    // Of networks that train together: 'dml.2' holds 'dml/2'.
    const method = inFiles?.replace(/\.(\d+)$/, '/$1');
    return method ? [{ path: join(folder, 'weights', name), method, seed: Number(seed) }] : [];
  });
  if (files.length === 0) throw new UserError(`${WHERE}: '${folder}' has no weights yet; ${CURE}`);
  return files.sort((a, b) => (a.method < b.method ? -1 : a.method > b.method ? 1 : a.seed - b.seed));
}

/** A run's methods are in config.json in the order asked for. */
function usualMethod(folder: string, methods: readonly string[]): string {
  if (methods.includes('tor-dual')) return 'tor-dual';
  let asked: unknown;
  try {
    asked = configIn(readFileSync(join(folder, 'config.json'), 'utf8'), folder).methods;
  } catch {
    // Weights alone, copied from a run, have no order.
  }
  const first = (name: unknown) =>
    methods.find((method) => method === name || method === `${String(name)}/1`);
  const order = Array.isArray(asked) ? asked.flatMap((name) => first(name) ?? []) : [];
  return order.at(-1) ?? methods.at(-1)!;
}

function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof UserError)
      throw new UserError(`${WHERE}: ${error.message}; ${CURE}`, { cause: error });
    throw new UserError(`${WHERE}: cannot read '${path}': ${reasonOf(error)}; ${CURE}`, { cause: error });
  }
}
