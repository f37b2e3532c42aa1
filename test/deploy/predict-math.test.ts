/** A study with WGSL's own mathematics: its networks say so, and `predict` gives the bits that the study saw. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openGpu } from '../../engine/gpu/gpu.ts';
import { configFor } from '../../study/options/input-config.ts';
import { main } from '../../cli/predict.ts';
import type { StudyConfig } from '../../study/results.ts';
import { readNetwork } from '../../study/network-file.ts';
import { predictRows } from '../../study/saved-network.ts';
import { defaultsOf } from '../../study/options/study-defaults.ts';
import { runStudy } from '../../study/study.ts';
import { quietHooks } from '../quiet-hooks.ts';

const base = mkdtempSync(join(tmpdir(), 'limbeck-predict-math-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

const xs = Array.from({ length: 200 }, (_, i) => -1 + i / 100);
writeFileSync(join(base, 'x.csv'), `x\n${xs.join('\n')}\n`);

/** The student of a small study, in a file. */
async function student(math: StudyConfig['math']) {
  const small = { methods: ['scratch'], seeds: 1, epochs: 2, trainRows: 64, math };
  const config = configFor({ ...defaultsOf('sinusoid'), ...small }, {});
  const path = join(base, `${math}.safetensors`);
  const hooks = quietHooks({
    async onNetwork({ method }, weights) {
      if (method === 'scratch') writeFileSync(path, weights);
    },
  });
  await runStudy(config, hooks, {});
  return path;
}

async function predictions(model: string) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await main(['--model', model, '--data', join(base, 'x.csv'), '--json'], {
    stdout: { write: (text: string) => out.push(text) },
    stderr: { write: (text: string) => err.push(text) },
  });
  expect(code, err.join('')).toBe(0);
  const { predictions: columns } = JSON.parse(out.join('')) as { predictions: Record<string, number[]> };
  return Object.values(columns)[0]!;
}

test.each(['native', 'portable'] as const)('%s', async (math) => {
  const path = await student(math);
  const weights = readNetwork(readFileSync(path), path);
  expect(weights.description.math).toBe(math === 'native' ? 'native' : undefined);
  const on = async (mode: StudyConfig['math']) => {
    const gpu = await openGpu({ math: mode });
    const predicted = await predictRows(weights, { x: Float64Array.from(xs) }, gpu);
    gpu.close();
    return [...predicted];
  };
  const got = await predictions(path);
  expect(got).toEqual(await on(math));
  expect(got).not.toEqual(await on(math === 'native' ? 'portable' : 'native'));
});
