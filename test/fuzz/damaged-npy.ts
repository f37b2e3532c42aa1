/** Damaged .npy and .npz files. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { damaged, type RandomBelow } from './damaged-files.ts';

const folder = fileURLToPath(new URL('../fixtures/npy/', import.meta.url));

export function npyFixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(folder + name));
}

const all = readdirSync(folder);
const npys = all.filter((name) => name.endsWith('.npy')).map(npyFixture);
const npzs = all.filter((name) => name.endsWith('.npz')).map(npyFixture);

export function damagedNpy(below: RandomBelow): Uint8Array<ArrayBuffer> {
  return damaged(npys[below(npys.length)]!, below);
}

export function damagedNpz(below: RandomBelow): Uint8Array<ArrayBuffer> {
  return damaged(npzs[below(npzs.length)]!, below);
}
