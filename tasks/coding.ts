/** What lies between labels and the numbers that networks put out: how labels are learnt, and what outputs mean. Saved with networks. */
import { type Scale, standardise, unstandardise } from '../datasets/dataset.ts';

/** Labels as losses want them: standardised numbers, or classes. */
export type Encoded = Float32Array | Uint32Array;

/** `J` is the plain data that it is saved as. */
export interface Coding<J extends CodingJson = CodingJson> {
  /** Numbers a row that networks put out. */
  readonly outputs: number;
  /** Numbers a row that labels are. */
  readonly width: number;
  /** Labels as batches hold them. */
  encode(labels: ArrayLike<number>): Encoded;
  /** What networks put out as metrics want it, in float64: numbers in the labels' own units, or logits. */
  decode(outputs: ArrayLike<number>): Float64Array;
  toJSON(): J;
}

/** Names of classes, in the order of their numbers. */
export interface Classes {
  readonly classes: readonly string[];
}

export type CodingJson = Scale | Classes;

/** Numbers, which networks see as (number - mean) / deviation; a mean and a deviation for each. */
export function standardised(scale: Scale): Coding<Scale> {
  const width = scale.mean.length;
  return {
    outputs: width,
    width,
    encode: (labels) => standardise(labels, scale),
    decode: (outputs) => unstandardise(outputs, scale),
    toJSON: () => ({ mean: scale.mean, deviation: scale.deviation }),
  };
}

/** One class of several by its number: networks put out a logit for each. */
export function classified(classes: readonly string[]): Coding<Classes> {
  return {
    outputs: classes.length,
    width: 1,
    encode: (labels) => Uint32Array.from(labels),
    decode: (outputs) => Float64Array.from(outputs),
    toJSON: () => ({ classes }),
  };
}

export function isOfClasses(json: CodingJson): json is Classes {
  return 'classes' in json;
}

/** As it was saved with a network. */
export function codingOf(json: CodingJson): Coding {
  return isOfClasses(json) ? classified(json.classes) : standardised(json);
}
