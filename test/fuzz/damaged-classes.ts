/** Damaged files of images with classes: IDX, gzipped or not, and records of CIFAR. */
import { readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { damaged, type RandomBelow } from './damaged-files.ts';

const fixture = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../fixtures/idx/${name}`, import.meta.url)));

const packed = [fixture('t10k-images-idx3-ubyte.gz'), fixture('t10k-labels-idx1-ubyte.gz')];
const plain = packed.map((bytes) => new Uint8Array(gunzipSync(bytes)));
/** 3 × 2 doubles, and shorts on four axes. */
const others = [
  Uint8Array.of(0, 0, 0x0e, 2, 0, 0, 0, 3, 0, 0, 0, 2, ...Array<number>(48).fill(63)),
  Uint8Array.of(
    0,
    0,
    0x0b,
    4,
    ...[1, 2, 1, 3].flatMap((length) => [0, 0, 0, length]),
    ...Array<number>(12).fill(1),
  ),
];
const idx = [...plain, ...others];
const idxPacked = [...packed, ...others.map((bytes) => new Uint8Array(gzipSync(bytes)))];

/** A few records with valid labels. */
function records(labels: number, below: readonly number[]): Uint8Array {
  const size = labels + 3072;
  return Uint8Array.from({ length: 3 * size }, (_, i) => {
    const place = i % size;
    return place < labels ? (7 * i + place) % below[place]! : (31 * i) % 256;
  });
}
const cifar10 = records(1, [10]);
const cifar100 = records(2, [20, 100]);

const oneOf = (files: readonly Uint8Array[]) => (below: RandomBelow) =>
  damaged(files[below(files.length)]!, below);

export const damagedIdx = oneOf(idx);
export const damagedIdxPacked = oneOf(idxPacked);
export const damagedCifar10 = oneOf([cifar10]);
export const damagedCifar100 = oneOf([cifar100]);
