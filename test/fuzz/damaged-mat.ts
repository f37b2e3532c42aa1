/** Damaged MAT files: as they are, and inside of what is compressed, whose checksum is right then. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { deflateSync } from 'node:zlib';
import { damaged, type RandomBelow } from './damaged-files.ts';

const folder = fileURLToPath(new URL('../fixtures/mat/', import.meta.url));

const HEADER_BYTES = 128;
const COMPRESSED = 15;

export function matFixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(folder + name));
}

const files = readdirSync(folder)
  .filter((name) => name.endsWith('.mat'))
  .map(matFixture);
const plain = ['octave-v6.mat', 'scipy-others-v6.mat', 'scipy-numbers-v6.mat'].map(matFixture);

/** Most are plain, because inflating takes most of the time. */
export function damagedMat(below: RandomBelow): Uint8Array<ArrayBuffer> {
  if (below(16) > 0) return damaged(files[below(files.length)]!, below);
  const file = plain[below(plain.length)]!;
  return compressedMat(damaged(file.subarray(HEADER_BYTES), below), file);
}

/** A file with `header`'s header and one compressed element of these bytes. */
export function compressedMat(bytes: Uint8Array, header: Uint8Array): Uint8Array<ArrayBuffer> {
  const packed = deflateSync(bytes);
  const file = new Uint8Array(HEADER_BYTES + 8 + packed.length);
  file.set(header.subarray(0, HEADER_BYTES));
  const view = new DataView(file.buffer);
  view.setUint32(HEADER_BYTES, COMPRESSED, true);
  view.setUint32(HEADER_BYTES + 4, packed.length, true);
  file.set(packed, HEADER_BYTES + 8);
  return file;
}
