/** How far the numbers of two settings are apart. */
import { ulpDistance } from '../conformance/ulp.ts';
import { type Bits, bitsOf, type Measurement, wordsOf } from './measurement.ts';

/** Between two tensors, or the largest of several. */
export interface Difference {
  /** No bit differs: zeros have the same sign, NaN the same payload. */
  bitEqual: boolean;
  /** Float32 numbers in between; infinite where lengths differ, or one is NaN or infinite and the other is not. */
  maxUlp: number;
  /** |a − b| / max(|a|, |b|); infinite where `maxUlp` is. */
  maxRelative: number;
}

export interface OperationDifference extends Difference {
  op: string;
  /** 'value', 'gradient by input 0': those whose bits differ. */
  results: string[];
}

/** What two settings have shown, JSON but for infinities. */
export interface Pair extends Difference {
  a: string;
  b: string;
  /** Of the losses alone. */
  lossMaxRelative: number;
  /** Of the losses before the first update. */
  firstLossMaxRelative: number;
  batchesBitEqual: boolean;
  lossesBitEqual: boolean;
  weightsBitEqual: boolean;
  /** Names of batches, losses and weights whose bits differ, with their run. */
  differingTensors: string[];
  /** Cases of ops that were compared. */
  opCases: number;
  opsBitEqual: boolean;
  differingOps: OperationDifference[];
}

const SAME: Difference = { bitEqual: true, maxUlp: 0, maxRelative: 0 };
const INCOMPARABLE: Difference = { bitEqual: false, maxUlp: Infinity, maxRelative: Infinity };

/** Between float32 numbers given as their bits. */
export function differenceOf(a: Uint32Array, b: Uint32Array): Difference {
  if (a.length !== b.length) return INCOMPARABLE;
  let { bitEqual, maxUlp, maxRelative } = SAME;
  const [x, y] = [a, b].map((words) => new Float32Array(words.buffer, words.byteOffset, words.length));
  for (let i = 0; i < a.length; i++) {
    if (a[i] === b[i]) continue;
    bitEqual = false;
    const ulp = ulpDistance(x![i]!, y![i]!);
    maxUlp = Math.max(maxUlp, ulp);
    if (ulp > 0) maxRelative = Math.max(maxRelative, ulp < Infinity ? relative(x![i]!, y![i]!) : Infinity);
  }
  return { bitEqual, maxUlp, maxRelative };
}

function relative(x: number, y: number): number {
  return Math.abs(x - y) / Math.max(Math.abs(x), Math.abs(y));
}

export function largest(differences: readonly Difference[]): Difference {
  return {
    bitEqual: differences.every(({ bitEqual }) => bitEqual),
    maxUlp: Math.max(0, ...differences.map(({ maxUlp }) => maxUlp)),
    maxRelative: Math.max(0, ...differences.map(({ maxRelative }) => maxRelative)),
  };
}

/** Every tensor of either; one that the other lacks is infinitely far away. */
function differencesOf(a: Record<string, Bits>, b: Record<string, Bits>): [string, Difference][] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].map((name) => {
    const [x, y] = [a[name], b[name]];
    if (x === undefined || y === undefined) return [name, INCOMPARABLE];
    return [name, x === y ? SAME : differenceOf(wordsOf(x), wordsOf(y))];
  });
}

/** A setting's measurement by its name. */
export type Named = readonly [name: string, measurement: Measurement];

export function comparePair([a, first]: Named, [b, second]: Named): Pair {
  const all = (part: 'batches' | 'losses' | 'weights') =>
    differencesOf(flattened(first.runs, part), flattened(second.runs, part));
  const differing = (pairs: [string, Difference][]) => pairs.filter(([, { bitEqual }]) => !bitEqual);
  const valuesOf = (pairs: [string, Difference][]) => pairs.map(([, difference]) => difference);
  const [batches, losses, weights] = [all('batches'), all('losses'), all('weights')];
  const firsts = differencesOf(firstLosses(first), firstLosses(second));
  const ops = [...new Set([...Object.keys(first.ops), ...Object.keys(second.ops)])];
  const differingOps = ops.flatMap((op) => {
    const found = differing(differencesOf(first.ops[op] ?? {}, second.ops[op] ?? {}));
    return found.length === 0
      ? []
      : [{ op, results: found.map(([result]) => result), ...largest(valuesOf(found)) }];
  });
  return {
    a,
    b,
    ...largest(valuesOf([...batches, ...losses, ...weights])),
    lossMaxRelative: largest(valuesOf(losses)).maxRelative,
    firstLossMaxRelative: largest(valuesOf(firsts)).maxRelative,
    batchesBitEqual: differing(batches).length === 0,
    lossesBitEqual: differing(losses).length === 0,
    weightsBitEqual: differing(weights).length === 0,
    differingTensors: differing([...batches, ...losses, ...weights]).map(([name]) => name),
    opCases: ops.length,
    opsBitEqual: differingOps.length === 0,
    differingOps,
  };
}

/** Every setting with every other. */
export function comparePairs(settings: readonly Named[]): Pair[] {
  return settings.flatMap((first, i) => settings.slice(i + 1).map((second) => comparePair(first, second)));
}

function firstLosses({ runs }: Measurement): Record<string, Bits> {
  return Object.fromEntries(
    Object.entries(flattened(runs, 'losses')).map(([name, bits]) => [
      name,
      bitsOf(new Float32Array(wordsOf(bits).buffer, 0, 1)),
    ]),
  );
}

function flattened(runs: Measurement['runs'], part: 'batches' | 'losses' | 'weights'): Record<string, Bits> {
  return Object.fromEntries(
    Object.entries(runs).flatMap(([run, { [part]: tensors }]) =>
      Object.entries(tensors).map(([name, bits]) => [`${run}: ${name}`, bits]),
    ),
  );
}
