/** The limits of vitest's pool that have no option are as long as ours, and no other timer is. */
import { promisify } from 'node:util';
import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { PATIENCE_MS } from '../../scripts/patience.mjs';
import { makePoolPatient } from '../patient-pool.ts';

const real = globalThis.setTimeout;
afterEach(() => void (globalThis.setTimeout = real));

test('a minute and ninety seconds become our patience', () => {
  const asked = vi.fn<(callback: () => void, ms?: number) => number>(() => 1);
  globalThis.setTimeout = asked as unknown as typeof setTimeout;
  makePoolPatient();
  for (const ms of [60_000, 90_000, 5000, undefined]) setTimeout(() => {}, ms);
  expect(asked.mock.calls.map(([, ms]) => ms)).toEqual([PATIENCE_MS, PATIENCE_MS, 5000, undefined]);
});

test('its form that returns a promise stays', async () => {
  makePoolPatient();
  expect(await promisify(setTimeout)(1, 'later')).toBe('later');
});

test('vitest still has these limits, and takes the timer when it needs it', () => {
  const folder = new URL('../../node_modules/vitest/dist/chunks/', import.meta.url);
  const all = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), 'utf8'));
  const pool = all.find((text) => text.includes('class PoolRunner'))!;
  expect(pool).toContain('START_TIMEOUT = 6e4');
  expect(pool).toContain('WORKER_START_TIMEOUT = 9e4');
  expect(pool).not.toMatch(/import [^;]*\bsetTimeout\b[^;]* from/);
});
