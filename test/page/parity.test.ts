/** The comparison of settings: distances by hand, what is promised, the JSON; and two drivers and two hosts for real. */
import { describe, expect, test, vi } from 'vitest';
import { comparePair, differenceOf } from '../../parity/compare.ts';
import { checkAdapter, launch } from '../../parity/launch.ts';
import { main } from '../../parity/main.ts';
import { bitsOf, type Measurement, wordsOf } from '../../parity/measurement.ts';
import { parseOptions } from '../../parity/options.ts';
import { brokenPromises, type Comparison, jsonLine } from '../../parity/report.ts';
import { settings } from '../../parity/settings.ts';

const words = (...values: number[]) => new Uint32Array(Float32Array.from(values).buffer);
const next = 1 + 2 ** -23;
const otherNaN = Uint32Array.of(0x7fc00001);

test('numbers survive the way through text, bit by bit', () => {
  const values = Float32Array.of(0, -0, 1 / 3, -1e-40, Infinity, NaN);
  expect(wordsOf(bitsOf(values))).toEqual(new Uint32Array(values.buffer));
});

describe('differences', () => {
  test.each([
    ['equal numbers', words(1, -2, NaN), words(1, -2, NaN), true, 0, 0],
    ['nothing', words(), words(), true, 0, 0],
    ['neighbours', words(1, 5), words(next, 5), false, 1, 2 ** -23 / next],
    ['the largest of several', words(1, 2, 3), words(next, 4, 3), false, 2 ** 23, 0.5],
    ['signs', words(1), words(-1), false, 2 * 0x3f80_0000, 2],
    ['zeros', words(0), words(-0), false, 0, 0],
    ['two NaN', words(NaN), otherNaN, false, 0, 0],
    ['NaN and a number', words(NaN), words(1), false, Infinity, Infinity],
    ['infinity and a number', words(Infinity), words(1), false, Infinity, Infinity],
    ['another length', words(1, 2), words(1), false, Infinity, Infinity],
  ])('%s', (_, a, b, bitEqual, maxUlp, maxRelative) => {
    expect(differenceOf(a, b)).toEqual({ bitEqual, maxUlp, maxRelative });
    expect(differenceOf(b, a)).toEqual({ bitEqual, maxUlp, maxRelative });
  });
});

function measurement(losses: number[], { weight = 3, op = 1 } = {}): Measurement {
  const run = {
    batches: { 'teacher x': bitsOf([1, 2]) },
    losses: { teacher: bitsOf(losses) },
    weights: { w: bitsOf([weight]) },
  };
  const ops = { 'exp [1]': { value: bitsOf([op]), 'gradient by input 0': bitsOf([1]) } };
  return { adapter: 'llvmpipe', isSoftware: true, subgroupSize: 4, runs: { mlp: run }, ops };
}

const compared = (a: string, b: string, other: Measurement) =>
  comparePair([a, measurement([1, 2])], [b, other]);

test('a pair tells batches, losses, weights and ops apart', () => {
  const same = compared('node-lavapipe', 'deno-lavapipe', measurement([1, 2]));
  expect(same).toMatchObject({
    bitEqual: true,
    opsBitEqual: true,
    maxUlp: 0,
    lossMaxRelative: 0,
    opCases: 1,
  });

  const loss = compared('node-lavapipe', 'deno-lavapipe', measurement([1, 4]));
  expect(loss).toMatchObject({ bitEqual: false, lossMaxRelative: 0.5, firstLossMaxRelative: 0 });
  expect(loss).toMatchObject({ batchesBitEqual: true, lossesBitEqual: false, weightsBitEqual: true });
  expect(loss.differingTensors).toEqual(['mlp: teacher']);

  const weight = compared('node-lavapipe', 'deno-lavapipe', measurement([1, 2], { weight: 4 }));
  expect(weight).toMatchObject({ bitEqual: false, weightsBitEqual: false, lossMaxRelative: 0 });
  expect(weight.maxRelative).toBe(0.25);

  const op = compared('node-lavapipe', 'deno-lavapipe', measurement([1, 2], { op: next }));
  expect(op).toMatchObject({ bitEqual: true, opsBitEqual: false, maxUlp: 0 });
  expect(op.differingOps).toMatchObject([{ op: 'exp [1]', results: ['value'], maxUlp: 1 }]);
});

test('what only one setting has is infinitely far away', () => {
  const other = { ...measurement([1, 2]), runs: {}, ops: {} };
  const pair = compared('node-lavapipe', 'deno-lavapipe', other);
  expect(pair).toMatchObject({ bitEqual: false, opsBitEqual: false, maxUlp: Infinity });
});

test('portable mathematics promises the same bits everywhere, native within a driver', () => {
  const different = measurement([1, 4]);
  const across = compared('node-lavapipe', 'node-swiftshader', different);
  const within = compared('node-lavapipe', 'deno-lavapipe', different);
  const about = { steps: 2, runs: ['mlp'], hosts: [], failures: [] };
  const broken = (math: Comparison['math'], pair: typeof across) =>
    brokenPromises({ ...about, math, pairs: [pair] });
  expect(broken('portable', across)).toEqual(['node-lavapipe and node-swiftshader differ in mlp: teacher']);
  expect(broken('portable', within)).toHaveLength(1);
  expect(broken('native', across)).toEqual([]);
  expect(broken('native', within)).toHaveLength(1);
  const failures = ['deno-lavapipe: no Deno'];
  expect(brokenPromises({ ...about, math: 'portable', pairs: [], failures })).toEqual(failures);
});

test('JSON has infinities as text', () => {
  const pair = compared('node-lavapipe', 'node-swiftshader', measurement([1]));
  const comparison = {
    math: 'portable',
    steps: 2,
    runs: [],
    hosts: [],
    pairs: [pair],
    failures: [],
  } as const;
  const { pairs, holds } = JSON.parse(jsonLine([comparison])) as { pairs: unknown[]; holds: boolean };
  expect(pairs).toMatchObject([{ bitEqual: false, maxUlp: 'Infinity', lossMaxRelative: 'Infinity' }]);
  expect(holds).toBe(false);
});

describe('the command line', () => {
  test.each([
    [['--settings', 'node-lavapipe,node-swiftshadr'], "did you mean 'node-swiftshader'?"],
    [['--settings', 'node-lavapipe'], "'node-lavapipe' alone has nothing to be compared with"],
    [['--runs', 'vgg'], "--runs: unknown 'vgg' (known: mlp-tanh, mlp-relu, lenet, resnet)"],
    [['--steps', '0'], "--steps: wants a whole number of at least 1, got '0'"],
    [['--math', 'fast'], "--math: unknown value 'fast'"],
    [['--write', '--no-ops'], '--write wants all there is'],
    [['200'], "unexpected argument '200'"],
    [['--step', '3'], "Unknown option '--step'"],
  ])('%j', (argv, message) => {
    expect(() => parseOptions(argv)).toThrow(message);
  });

  test('all five settings, 200 steps, unless told otherwise', () => {
    const options = parseOptions([]);
    expect(options).toMatchObject({ steps: 200, math: 'portable', ops: true, write: false });
    expect(options.settings.map(({ name }) => name)).toEqual([
      'node-swiftshader',
      'chromium-swiftshader',
      'deno-swiftshader',
      'node-lavapipe',
      'deno-lavapipe',
    ]);
  });
});

async function parity(...argv: string[]) {
  const [out, err]: string[][] = [[], []];
  const code = await main(argv, {
    stdout: { write: (text) => out!.push(text) },
    stderr: { write: (text) => err!.push(text) },
  });
  return { code, stdout: out!.join(''), stderr: err!.join('') };
}

/** Nothing is asked of a host that this machine is said to do without. */
const hasDeno = !/\bdeno\b/.test(process.env.LIMBECK_SKIP_HOSTS ?? '');

test.runIf(hasDeno)('two drivers and two hosts train to the same bits', async () => {
  const names = ['node-swiftshader', 'node-lavapipe', 'deno-lavapipe'];
  const argv = ['--settings', names.join(), '--runs', 'mlp-tanh', '--steps', '8', '--no-ops', '--json'];
  const { code, stdout, stderr } = await parity(...argv);
  const lines = stdout.trim().split('\n');
  const { pairs, hosts } = JSON.parse(lines.at(-1)!) as Comparison;
  expect(code, stderr).toBe(0);
  expect(hosts.map(({ name }) => name)).toEqual(names);
  expect(hosts.every(({ isSoftware }) => isSoftware)).toBe(true);
  expect(pairs.map(({ a, b }) => `${a} ${b}`)).toEqual([
    'node-swiftshader node-lavapipe',
    'node-swiftshader deno-lavapipe',
    'node-lavapipe deno-lavapipe',
  ]);
  for (const pair of pairs)
    expect(pair).toMatchObject({ bitEqual: true, maxUlp: 0, maxRelative: 0, lossMaxRelative: 0 });
});

test('the measurement holds what it says: losses that fall, a batch for each step', async () => {
  const task = { math: 'portable', steps: 8, runs: ['mlp-tanh'], ops: false } as const;
  const { measurement: measured } = await launch(
    settings.find(({ name }) => name === 'node-lavapipe')!,
    task,
  );
  const { batches, losses, weights } = measured.runs['mlp-tanh']!;
  expect(wordsOf(batches['student outlier']!)).toHaveLength(8 * 64);
  const teacher = new Float32Array(wordsOf(losses.teacher!).buffer);
  expect(teacher).toHaveLength(8);
  expect(teacher[7]).toBeLessThan(teacher[0]!);
  expect(Object.keys(weights)).toContain('student label.0.weight');
});

describe('a setting that fails says so, and what to do', () => {
  const task = { math: 'portable', steps: 1, runs: ['mlp-tanh'], ops: false } as const;
  const node = { name: 'node-lavapipe', host: 'node', driver: 'lavapipe' } as const;

  test('on another adapter than it names', () => {
    const at = (adapter: string, isSoftware = true) => checkAdapter(node, { adapter, isSoftware });
    expect(() => at('llvmpipe (LLVM 15.0.6, 256 bits)')).not.toThrow();
    expect(() => at('SwiftShader Device (Subzero)')).toThrow("node-lavapipe: ran on 'SwiftShader");
    expect(() => at('llvmpipe', false)).toThrow('node-lavapipe: ran on');
  });

  test('without its host', async () => {
    vi.stubEnv('DENO_PATH', '/nowhere/deno');
    await expect(launch({ ...node, name: 'deno-lavapipe', host: 'deno' }, task)).rejects.toThrow(
      'deno-lavapipe: no Deno; `npm ci` installs it; DENO_PATH can name one, or leave the setting out',
    );
    vi.unstubAllEnvs();
  });

  test.runIf(hasDeno)('while the others are still compared; the exit code is 1', async () => {
    vi.stubEnv('CHROME_PATH', '/nowhere/chromium');
    const names = 'chromium-swiftshader,node-lavapipe,deno-lavapipe';
    const { code, stdout } = await parity(
      '--settings',
      names,
      '--runs',
      'mlp-tanh',
      '--steps',
      '1',
      '--no-ops',
    );
    vi.unstubAllEnvs();
    expect(code).toBe(1);
    expect(stdout).toMatch(/^node-lavapipe +deno-lavapipe +same +same +same/m);
    expect(stdout).toContain('It does not hold:\nchromium-swiftshader: no Chromium; install one');
  });

  test('with an error of its own, or stopped', async () => {
    await expect(launch(node, { ...task, runs: ['vgg'] })).rejects.toThrow(/^node-lavapipe: .*undefined/);
    await expect(launch(node, task, { signal: AbortSignal.abort() })).rejects.toThrow(
      'node-lavapipe: stopped',
    );
  });
});
