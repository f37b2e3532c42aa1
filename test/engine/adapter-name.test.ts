/** Adapters in words, as each host describes them. */
import { expect, test } from 'vitest';
import {
  type AdapterInfo,
  adapterName,
  isSoftwareAdapter,
  matchesAdapter,
  vendorName,
} from '../../engine/device/adapter-name.ts';

const lavapipe: AdapterInfo = {
  vendor: 'mesa',
  architecture: 'software',
  device: 'llvmpipe-llvm-15-0-6-256-bits-',
  description: 'llvmpipe: Mesa 25.0.7-2~bpo12+1 (LLVM 15.0.6) 0.0.1',
};
const discrete: AdapterInfo = {
  vendor: 'nvidia',
  architecture: 'hopper',
  device: 'nvidia-h200',
  description: 'NVIDIA: 570.1',
};
const inDeno: AdapterInfo = {
  vendor: '65541',
  architecture: '',
  device: '0',
  description: 'llvmpipe (LLVM 15.0.6, 256 bits)',
};
const discreteInDeno: AdapterInfo = {
  vendor: '4318',
  architecture: '',
  device: '9013',
  description: 'NVIDIA H200',
};
const inBrowser: AdapterInfo = { vendor: 'intel', architecture: 'xe', device: '', description: '' };

test('names for people', () => {
  expect(adapterName(lavapipe)).toBe('llvmpipe: Mesa 25.0.7 (LLVM 15.0.6)');
  expect(adapterName(discrete)).toBe('nvidia h200, NVIDIA: 570.1');
  expect(adapterName(inDeno)).toBe('llvmpipe (LLVM 15.0.6, 256 bits)');
  expect(adapterName(discreteInDeno)).toBe('NVIDIA H200');
  expect(adapterName(inBrowser)).toBe('intel xe');
  expect(adapterName({ ...discreteInDeno, description: '' })).toBe('nvidia');
  expect(['4318', '65541', 'intel', '77'].map(vendorName)).toEqual(['nvidia', 'mesa', 'intel', '77']);
  const all = [lavapipe, inDeno, discrete, discreteInDeno, inBrowser];
  expect(all.map(isSoftwareAdapter)).toEqual([true, true, false, false, false]);
  expect(isSoftwareAdapter({ ...inBrowser, isFallbackAdapter: true })).toBe(true);
});

test('matching', () => {
  for (const text of ['llvm', 'Lavapipe', 'MESA', 'llvmpipe (LLVM 15.0.6, 256 bits)']) {
    expect(matchesAdapter(lavapipe, text), text).toBe(true);
    expect(matchesAdapter(inDeno, text), text).toBe(true);
  }
  expect(matchesAdapter(lavapipe, 'software')).toBe(true);
  for (const info of [discrete, discreteInDeno]) expect(matchesAdapter(info, 'NVIDIA H200')).toBe(true);
  expect(matchesAdapter(discrete, 'llvm')).toBe(false);
});
