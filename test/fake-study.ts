/** A study that trains nothing: plausible curves, points and masks from a small generator, for tests of what shows them. */

import type { MethodResult, SeedResult, StudyConfig } from '../study/results.ts';
import { defaults } from '../study/options/study-defaults.ts';
import type { StudyHooks, StudyOutcome } from '../study/study-types.ts';

export const fakeMethods = ['scratch', 'scratch-huber', 'imitation', 'kd-mix', 'tor', 'tor-dual'];

export const fakeConfig: StudyConfig = { ...defaults, methods: [...fakeMethods], trainRows: 400, seeds: 5 };

export const fakeOutcome = {
  adapter: 'fake',
  host: 'node',
  device: 'gpu',
  dispatches: 5,
  interrupted: false,
} as const;

const fakeErrors: Record<string, number> = {
  teacher: 0.05,
  scratch: 0.118,
  'scratch-huber': 0.088,
  imitation: 0.095,
  'kd-mix': 0.1,
  tor: 0.082,
  'tor-dual': 0.07,
};

/** Mulberry32: a generator that fits in three lines. */
function generator(seed: number): () => number {
  let state = seed * 7919 + 17;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function fakeSeed(config: StudyConfig, seed: number): SeedResult {
  const random = generator(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const clean = (x: number) => Math.sin(2 * Math.PI * config.frequency * x);
  const outlier: boolean[] = [];
  const points: SeedResult['points'] = { against: 'input', x: [], y: [], outlier, rejected: [] };
  for (let i = 0; i < config.trainRows; i++) {
    const x = 2 * random() - 1;
    const isOutlier = random() < config.noise;
    const shift = isOutlier ? (2 * random() - 1) * config.outlierSize : 0;
    const y = clean(x) + config.gaussianNoise * normal() + shift;
    points.x.push(x);
    points.y.push(y);
    outlier.push(isOutlier);
    points.rejected.push(Math.abs(y - clean(x)) > 0.3);
  }
  const methods = ['teacher', ...config.methods];
  return {
    seed,
    points,
    mask: { precision: 0.95, recall: 0.9 },
    results: methods.map((method) => fakeResult(method, seed, clean, random)),
  };
}

function fakeResult(
  method: string,
  seed: number,
  clean: (x: number) => number,
  random: () => number,
): MethodResult {
  const rmse = (fakeErrors[method] ?? 0.1) * (0.85 + 0.3 * random());
  const [p1, p2, p3] = [random() * 6, random() * 6, random() * 6];
  const x = Array.from({ length: 201 }, (_, i) => -1 + i / 100);
  const wiggle = (t: number) =>
    Math.sin(3 * t + p1) + 0.7 * Math.sin(7 * t + p2) + 0.4 * Math.sin(13 * t + p3);
  const curve = Array.from({ length: 60 }, (_, i) => ({
    step: (i + 1) * 25,
    loss: rmse * 2 + 0.8 * Math.exp(-i / 6) + 0.01 * random(),
    testRmse: rmse * (1 + 0.05 * random()) + 0.6 * Math.exp(-i / 7),
  }));
  return {
    method,
    seed,
    scores: { rmse },
    rmse,
    targets: [{ rmse, mae: 0.8 * rmse, r2: 1 - rmse ** 2 }],
    ...(method === 'tor-dual' ? { heads: { label: rmse, teacher: rmse * 0.98, mean: rmse * 0.97 } } : {}),
    params: method === 'teacher' ? 10_401 : 97,
    macs: method === 'teacher' ? 10_200 : 80,
    seconds: method === 'teacher' ? 4.2 : 1.3,
    weightsSha256: `${seed}${method}`.padEnd(64, '0'),
    curve,
    fit: { kind: 'curve', x, y: x.map((t) => clean(t) + rmse * wiggle(t)) },
  };
}

/** The same seed as of a table with several inputs: predictions instead of curves, outliers that nobody knows. */
export function fakeTableSeed(config: StudyConfig, seed: number): SeedResult {
  const { points, results, ...rest } = fakeSeed(config, seed);
  return {
    ...rest,
    points: { ...points, against: 'teacher', outlier: null },
    mask: { precision: null, recall: null },
    results: results.map(({ fit, ...result }) => {
      if (fit.kind !== 'curve') throw new Error('fakeSeed makes curves');
      return { ...result, fit: { kind: 'predictions', label: fit.x, predicted: fit.y } };
    }),
  };
}

/** Calls the hooks as a study does; `during` is called before each network and may throw or interrupt. */
export function fakeStudy({ dispatches = 1234, during = (_seed: number, _method: string) => {} } = {}) {
  return async (config: StudyConfig, hooks: StudyHooks): Promise<StudyOutcome> => {
    const device = { adapter: 'fake adapter', host: 'node' as const, device: 'gpu' as const };
    hooks.onDevice(device);
    const networks = config.seeds * (config.methods.length + 1);
    hooks.onPlan({ networks, steps: networks * 100 });
    const seeds: SeedResult[] = [];
    let doneSteps = 0;
    for (let seed = config.seed; seed < config.seed + config.seeds; seed++) {
      const full = fakeSeed(config, seed);
      const results: MethodResult[] = [];
      for (const result of full.results) {
        during(seed, result.method);
        if (hooks.signal.aborted) {
          if (results.length > 0) seeds.push({ ...full, results });
          return { ...device, dispatches, seeds, interrupted: true };
        }
        doneSteps += 100;
        hooks.onProgress({ seed, method: result.method, step: 100, steps: 100, loss: 0.1, doneSteps });
        for (const point of result.curve) hooks.onPoint({ seed, method: result.method, ...point });
        await hooks.onNetwork(result, new Uint8Array([1, 2, 3]));
        results.push(result);
      }
      seeds.push({ ...full, results });
      await hooks.onSeed({ ...full, results }, dispatches);
    }
    return { ...device, dispatches, seeds, interrupted: false };
  };
}
