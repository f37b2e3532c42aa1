/** What is saved with a network's numbers, so that they can be used: what goes in, in which units, and what comes out. */
import type { Filling, Scale } from '../datasets/dataset.ts';
import { UserError } from '../base/errors.ts';
import { type Classes, isOfClasses } from '../tasks/coding.ts';

/** Columns by name with the mean and deviation of the training part: a network sees (value - mean) / deviation. */
export interface ScaledColumns extends Scale {
  readonly names: readonly string[];
}

/** What is predicted, by name: scaled numbers, or one class of those that are named. */
export type TargetColumns = ScaledColumns | ({ readonly names: readonly string[] } & Classes);

export interface NetworkDescription {
  /** The version that saved it. */
  readonly limbeck: string;
  /** 'teacher', or a student's method; of networks that train together its row: 'dml/2'. */
  readonly method: string;
  readonly seed: number;
  /** As on the command line: 'mlp:16,16:tanh', 'lenet:0.25'. */
  readonly network: string;
  /** The mathematics of the study's kernels, if it was not the portable one: other functions predict other last bits. */
  readonly math?: 'native';
  /** Networks in the file, `fold.0.…` and so on, whose mean is the prediction; of a single one there is no prefix. */
  readonly folds: number;
  /** Of images one column, whose mean and deviation are those of all pixels, 0 to 255. */
  readonly inputs: ScaledColumns;
  /** What stands for missing inputs, if the study filled them. */
  readonly filling?: Filling;
  /** One channel unless it says otherwise. */
  readonly image?: { readonly channels?: number; readonly height: number; readonly width: number };
  /** Numbers beside the image. */
  readonly extras?: ScaledColumns;
  readonly targets: TargetColumns;
}

/** The one key of our metadata. */
export const KEY = 'limbeck';

/** Names of the classes that a network tells apart; undefined where it predicts numbers. */
export function classNames(targets: TargetColumns): readonly string[] | undefined {
  return isOfClasses(targets) ? targets.classes : undefined;
}

/** @throws UserError, which begins with `where`, for metadata that are not a study's. */
export function readDescription(
  metadata: Readonly<Record<string, string>>,
  where: string,
): NetworkDescription {
  const text = metadata[KEY];
  if (text === undefined)
    throw new UserError(
      `${where} holds tensors, but not what they were trained on: it was saved by other software, or by an earlier ` +
        'limbeck; run the study again',
    );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (isDescription(value)) return value;
  throw new UserError(`${where}: its metadata '${KEY}' are damaged, or of a later limbeck`);
}

function isDescription(value: unknown): value is NetworkDescription {
  if (!isObject(value)) return false;
  const { limbeck, method, seed, network, math, folds, inputs, filling, image, extras, targets } = value;
  const isCount = (x: unknown) => Number.isSafeInteger(x) && (x as number) > 0;
  return (
    [limbeck, method, network].every((word) => typeof word === 'string') &&
    Number.isSafeInteger(seed) &&
    (math === undefined || math === 'native') &&
    isCount(folds) &&
    isColumns(inputs) &&
    (filling === undefined || isFilling(filling, inputs.names.length)) &&
    (image === undefined ||
      (isObject(image) &&
        [undefined, 1, 3].includes(image.channels as number | undefined) &&
        isCount(image.height) &&
        isCount(image.width))) &&
    (extras === undefined || isColumns(extras)) &&
    isTargets(targets)
  );
}

function isTargets(value: unknown): value is TargetColumns {
  if (!isObject(value) || value.classes === undefined) return isColumns(value);
  const { names, classes } = value;
  const isList = (list: unknown, least: number): boolean =>
    Array.isArray(list) && list.length >= least && list.every((name) => typeof name === 'string');
  return isList(names, 1) && (names as unknown[]).length === 1 && isList(classes, 2);
}

function isColumns(value: unknown): value is ScaledColumns {
  if (!isObject(value)) return false;
  const { names, mean, deviation } = value;
  const lists = [names, mean, deviation];
  if (!lists.every((list) => Array.isArray(list)) || lists[0]!.length === 0) return false;
  const isText = (names as unknown[]).every((name) => typeof name === 'string');
  const areNumbers = [mean, deviation].every((list) => (list as unknown[]).every(Number.isFinite));
  return isText && areNumbers && lists.every((list) => list.length === lists[0]!.length);
}

function isFilling(value: unknown, columns: number): value is Filling {
  if (!isObject(value) || !Array.isArray(value.values)) return false;
  const { by, values } = value as { by: unknown; values: unknown[] };
  return (by === 'mean' || by === 'median') && values.length === columns && values.every(Number.isFinite);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
