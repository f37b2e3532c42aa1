/** The benchmark: its statistics on a clock of our own, its command line, its page, and one run of the real thing. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { PATIENCE_MS } from '../../scripts/patience.mjs';
import { CompetitorError } from '../../bench/competitor.ts';
import { differenceOf } from '../../bench/contest.ts';
import { type Contestant, measure, statisticsOf } from '../../bench/harness.ts';
import { main } from '../../bench/main.ts';
import { initialNumbers, parameterShapes, trainingColumns } from '../../bench/works/networks.ts';
import { permuted } from '../../bench/works/operands.ts';
import { renderPage } from '../../bench/report/page.ts';
import { startRemote } from '../../bench/remote.ts';
import {
  columnsOf,
  goalsOf,
  type Report,
  reportMarkdown,
  reportText,
  workOf,
} from '../../bench/report/report.ts';
import { boundOf } from '../../bench/roofline.ts';
import { SUITES, type SuiteName } from '../../bench/suite.ts';
import type { TrainingWork } from '../../bench/works/work.ts';
import { escapeHtml } from '../../report/report-svg.ts';

/** Takes `runMs` for every execution, of which the machine disturbs some, and `waitMs` for a wait; counts them. */
function fakeContestant(runMs: number, waitMs: number, disturb = (_sample: number) => 0) {
  const samples: number[] = [];
  const contestant: Contestant = {
    sample: (runs) => {
      samples.push(runs);
      return Promise.resolve(runs * (runMs + disturb(samples.length)) + waitMs);
    },
  };
  return { contestant, samples };
}

test('median, least and the distance of the quartiles', () => {
  expect(statisticsOf([5, 1, 4, 2, 3])).toEqual({ ms: 3, minMs: 1, spread: 2 / 3, rounds: 5 });
  expect(statisticsOf([2, 4])).toEqual({ ms: 3, minMs: 2, spread: 1 / 3, rounds: 2 });
});

test('a sample is long enough, and the wait at its end less than a twentieth of it', async () => {
  for (const waitMs of [0, 0.5, 3]) {
    const { contestant, samples } = fakeContestant(0.1, waitMs);
    const [timing] = await measure([contestant], { rounds: 5 });
    const sampleMs = 0.1 * timing!.runs + waitMs;
    expect(sampleMs).toBeGreaterThanOrEqual(50);
    expect(waitMs / sampleMs).toBeLessThan(1 / 20);
    expect(timing!.ms).toBeGreaterThanOrEqual(0.1);
    expect(timing!.ms).toBeLessThan(0.105);
    expect(samples.slice(-5)).toEqual(Array(5).fill(timing!.runs));
  }
});

test('a slow execution is a sample by itself, and rounds end with the time, but not before three', async () => {
  const slow = fakeContestant(4000, 1);
  const [timing] = await measure([slow.contestant], { rounds: 9, budgetMs: 20_000 });
  expect(timing).toMatchObject({ runs: 1, rounds: 4, ms: 4001 });
  const slower = fakeContestant(40_000, 1);
  expect((await measure([slower.contestant], { rounds: 9, budgetMs: 20_000 }))[0]!.rounds).toBe(3);
});

test('a clock that stands still ends all the same', async () => {
  const { contestant } = fakeContestant(0, 0);
  expect((await measure([contestant], { rounds: 2 }))[0]!.runs).toBe(10_000);
});

test('contestants take turns, and another one begins every round', async () => {
  const order: string[] = [];
  const contestants = ['a', 'b', 'c'].map((name) => ({
    sample: (runs: number) => {
      if (runs > 0) order.push(name);
      return Promise.resolve(60 * runs);
    },
  }));
  await measure(contestants, { rounds: 4 });
  expect(order.slice(3).join('')).toBe('abcbcacababc');
});

test('a disturbed round does not move the median', async () => {
  const { contestant } = fakeContestant(60, 0, (sample) => (sample === 6 ? 1000 : 0));
  expect((await measure([contestant], { rounds: 5 }))[0]).toMatchObject({ ms: 60, minMs: 60 });
});

test('results are compared by their largest number; NaN and another length differ', () => {
  const wanted = Float32Array.of(100, 0, -50);
  expect(differenceOf(Float32Array.of(100.005, 0.009, -50), wanted)).toBeUndefined();
  expect(differenceOf(Float32Array.of(100, 0.02, -50), wanted)).toMatch(/instead of 0 at 1/);
  expect(differenceOf(Float32Array.of(100, NaN, -50), wanted)).toMatch(/^NaN instead of 0 at 1/);
  expect(differenceOf(Float32Array.of(100), wanted)).toBe('1 numbers instead of 3');
});

test('axes change places', () => {
  const x = { values: Float32Array.of(0, 1, 2, 3, 4, 5), shape: [1, 2, 3] };
  expect(permuted(x, [2, 0, 1])).toEqual({ values: Float32Array.of(0, 3, 1, 4, 2, 5), shape: [3, 1, 2] });
});

const roofline = { fmaGflops: 100, copyGBs: 10, dispatchUs: 5, submitReadUs: 200 };

/** Two works of ours, one of them in two ways, beside three peers, of which one fails. */
function sampleReport(): Report {
  const statistics = { minMs: 1, spread: 0.05, firstMs: 30, rounds: 9, runs: 50 };
  const shape = '1×1×3×3 → 1, <3×3>';
  const rest = {
    shape,
    variant: '',
    bound: 'memory' as const,
    clock: 'gpu' as const,
    gbs: 5,
    intensity: 2.5,
    ...statistics,
  };
  const comparison = { spread: 0, firstMs: 40 };
  const [conv, other] = [`conv2d, ${shape}`, `other, ${shape}`];
  return {
    adapter: 'an adapter',
    roofline,
    rows: [
      { ...rest, name: 'conv2d', ms: 1.25, gflops: 12.34, percentOfLimit: 50 },
      { ...rest, name: 'other', ms: 2, gflops: 1, percentOfLimit: 25, dispatches: 1 },
      {
        ...rest,
        name: 'other',
        variant: 'composed',
        ms: 5,
        gflops: 1,
        percentOfLimit: 25,
        ratio: 2.5,
        goal: 3,
      },
    ],
    peers: [
      { ...comparison, name: 'peer 1.0', work: conv, ours: 1.25, peer: 5, ratio: 4, goal: 2 },
      { ...comparison, name: 'peer 3.0', work: conv, ours: 1.25, peer: 7.5, ratio: 6, goal: 2 },
      { ...comparison, name: 'peer 1.0', work: other, ours: 2, peer: 3, ratio: 1.5, goal: 2 },
      { ...comparison, name: 'peer 3.0', work: other, ours: 2, peer: 2.2, ratio: 1.1, goal: 1 },
    ],
    failures: [{ work: other, name: 'peer 2.0', reason: 'no such kernel' }],
    coldStart: { importMs: 100, openMs: 150, ms: 400, rounds: 5 },
  };
}

test('the table has every ratio, every goal, and who failed', () => {
  const report = sampleReport();
  const work = workOf(report.rows[1]!);
  for (const text of [reportText(report), reportMarkdown(report)]) {
    expect(text).toContain('5.00 (4.00×)');
    expect(text).toContain('2 of 4 goals are met');
    expect(text).toContain(`${work}: peer 1.0 takes 1.50× as long, wanted 2×: falls short`);
    expect(text).toContain(`${work}: composed takes 2.50× as long, wanted 3×: falls short`);
    expect(text).toContain(`${work}: without peer 2.0, which failed: no such kernel`);
    expect(text).toContain('100 GFLOP/s of multiplications and additions, 10.0 GB/s of a copy, 5.00 µs');
    expect(text).toContain("timed by the adapter's clock");
    expect(text).toContain('with a warm driver cache: 400 ms (import 100, device 50, step 250');
  }
});

test('of peers with the same goal the fastest counts; one with another goal is another race', () => {
  expect(goalsOf(sampleReport()).map(({ name, ratio, goal }) => [name, ratio, goal])).toEqual([
    ['composed', 2.5, 3],
    ['peer 1.0', 4, 2],
    ['peer 1.0', 1.5, 2],
    ['peer 3.0', 1.1, 1],
  ]);
});

test('columns without a number are left out', () => {
  const report = sampleReport();
  const titles = (rows: Report['rows']) => columnsOf({ ...report, rows }).map(({ title }) => title);
  expect(titles(report.rows)).toContain('dispatches');
  expect(titles(report.rows)).not.toContain('JavaScript');
  const bare = report.rows.map((row) => ({ ...row, firstMs: undefined, variant: '' }));
  for (const title of ['first', 'way']) {
    expect(titles(report.rows)).toContain(title);
    expect(titles(bare)).not.toContain(title);
  }
});

test('the bound is what takes longest', () => {
  expect(boundOf({ flops: 1e9, bytes: 1e6, dispatches: 1 }, roofline)).toEqual({
    bound: 'arithmetic',
    leastMs: 10,
  });
  expect(boundOf({ flops: 1e6, bytes: 1e7, dispatches: 1 }, roofline)).toEqual({
    bound: 'memory',
    leastMs: 1,
  });
  expect(boundOf({ flops: 1e3, bytes: 1e3, dispatches: 4 }, roofline)).toEqual({
    bound: 'dispatch',
    leastMs: 0.02,
  });
});

/** Rows, peers, goals and failures, all of them; and nothing from anywhere else. */
function checkPage(html: string, report: Report): void {
  for (const row of report.rows) {
    expect(html).toContain(`>${escapeHtml(row.name)}</th>`);
    expect(html).toContain(`<td>${escapeHtml(row.shape)}</td>`);
    if (row.intensity > 0 && row.ratio === undefined)
      expect(html).toContain(`</b>${escapeHtml(workOf(row))}</li>`);
  }
  for (const { work: title, name } of report.peers) {
    expect(html).toContain(escapeHtml(title));
    expect(html).toContain(escapeHtml(name));
  }
  for (const { reason } of report.failures) expect(html).toContain(escapeHtml(reason));
  expect(html).not.toMatch(/NaN|undefined|Infinity/);
  expect(html).not.toMatch(/<script|<link|<img|url\(|https?:/);
}

test('the page has every row, and asks nothing of any network', () => {
  const report = sampleReport();
  const html = renderPage('all', report, { date: '2026-01-01', where: 'an adapter; a <processor>' });
  checkPage(html, report);
  expect(html).toContain('a &lt;processor&gt;');
  expect(html).toContain('<h1>an adapter: 2 of 4 goals met</h1>');
});

test('competitors are given the same numbers: a row a sample, every parameter, no two alike', () => {
  const training = { kind: 'training', readsEach: false, gathers: false, batch: 4 } as const;
  const mlp: TrainingWork = { ...training, network: 'mlp', widths: [5, 3] };
  expect(parameterShapes(mlp)).toEqual({
    'trunk.0.weight': [1, 5],
    'trunk.0.bias': [5],
    'trunk.1.weight': [5, 3],
    'trunk.1.bias': [3],
    'label.0.weight': [3, 1],
    'label.0.bias': [1],
  });
  const lenet: TrainingWork = { ...training, network: 'lenet', widths: [0.1] };
  expect(parameterShapes(lenet)).toMatchObject({
    'trunk.conv2.weight': [5, 2, 5, 5],
    'trunk.linear.weight': [5 * 6 * 12, 50],
    'label.0.weight': [52, 2],
  });
  for (const one of [mlp, lenet]) {
    const numbers = initialNumbers(one);
    for (const [name, { values, shape }] of Object.entries(numbers)) {
      expect(values).toHaveLength(shape.reduce((product, length) => product * length, 1));
      if (name.endsWith('weight')) expect(new Set(values).size, name).toBeGreaterThan(1);
      else expect(new Set(values), name).toEqual(new Set([0]));
    }
    for (const { values, shape } of Object.values(trainingColumns(one))) {
      expect(shape[0]).toBe(4);
      expect(new Set(values).size).toBeGreaterThan(2);
    }
  }
});

test.each(Object.keys(SUITES) as SuiteName[])('%s: no two works have one name', (name) => {
  for (const quick of [false, true]) {
    const titles = SUITES[name].entries({ quick }).map(workOf);
    expect(new Set(titles).size).toBe(titles.length);
  }
});

/** A competitor as a module of its own; `prepare`, or `open` before it, decides what becomes of it. */
function competitor(prepare: string, open = ''): URL {
  const code = `
    const job = { run() {}, wait: async () => {}, result: async () => Float32Array.of(1, 2), close() {} };
    export async function open() {
      ${open}
      return { name: 'fake 1.0', adapter: 'none', prepare: async () => { ${prepare} } };
    }`;
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}

const conv = {
  ...({ kind: 'conv', pass: 'forward', batch: 1, channels: 1 } as const),
  height: 3,
  width: 3,
  outputs: 1,
  kernel: 3,
};

test('the peers are pinned, and their lock carries no address of a registry', () => {
  const read = (name: string) => readFileSync(new URL(`../../bench/peers/${name}`, import.meta.url), 'utf8');
  const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
  for (const version of Object.values(dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  expect(read('package-lock.json')).not.toContain('"resolved"');
});

test('a competitor in a process of its own works as told', async () => {
  const remote = await startRemote(competitor('return job;'));
  expect(remote).toMatchObject({ name: 'fake 1.0', adapter: 'none' });
  await remote.prepare(conv);
  expect(await remote.sample(3)).toBeGreaterThanOrEqual(0);
  expect(await remote.result()).toEqual(Float32Array.of(1, 2));
  remote.stop();
  await expect(remote.sample(1)).rejects.toThrow('fake 1.0: it was stopped');
});

test('what goes wrong in a competitor is told with its name, and ends nobody else', async () => {
  const failing = await startRemote(competitor(`throw new Error('no such kernel');`));
  await expect(failing.prepare(conv)).rejects.toThrow(new CompetitorError('fake 1.0', 'no such kernel'));
  failing.stop();
  await expect(startRemote(competitor('', `throw new Error('no backend');`))).rejects.toThrow('no backend');
  const dying = await startRemote(competitor(`console.error('Error: out of memory'); process.exit(7);`));
  const death = 'fake 1.0: its process ended with code 7: Error: out of memory';
  await expect(dying.prepare(conv)).rejects.toThrow(death);
  await expect(dying.sample(1)).rejects.toThrow(death);
});

test.each([
  [['cnov'], "unknown suite 'cnov', did you mean 'conv'?"],
  [['xyz'], "unknown suite 'xyz'; suites: kernels, conv, training, peers, all"],
  [[], 'no suite named; suites: kernels, conv, training, peers, all'],
  [['conv', 'conv'], "one suite at a time, got also 'conv'"],
  [['conv', '--fast'], "Unknown option '--fast'; --help lists the options"],
  [['conv', '--quick', '--save'], '--quick measures nothing that is worth --save'],
])('a wrong command line is one line and code 2: %j', async (argv, message) => {
  let stderr = '';
  const code = await main(argv, { stderr: { write: (text: string) => (stderr += text) } });
  expect({ code, stderr }).toEqual({ code: 2, stderr: `bench: ${message}\n` });
});

describe('a quick run of everything, without peers', () => {
  const script = fileURLToPath(new URL('../../scripts/limbeck.mjs', import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), 'limbeck-bench-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('the last line of stdout is the report, and the page has every row', () => {
    const html = join(folder, 'deeper', 'page.html');
    const argv = [script, 'bench', 'all', '--quick', '--no-peers', '--json', '--html', html];
    const { status, stdout, stderr } = spawnSync(process.execPath, argv, {
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    });
    expect(status, stderr).toBe(0);
    expect(stderr).toContain('GFLOP/s');
    const report = JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as Report;
    expect(report.adapter).not.toBe('');
    for (const limit of ['fmaGflops', 'copyGBs', 'dispatchUs', 'submitReadUs'] as const) {
      expect(report.roofline[limit], limit).toBeGreaterThan(0);
      expect(Number.isFinite(report.roofline[limit]), limit).toBe(true);
    }
    expect(report).toMatchObject({ peers: [], failures: [] });
    expect(report.coldStart!.ms).toBeGreaterThan(report.coldStart!.openMs);

    const wanted = (['kernels', 'training', 'peers'] as const).flatMap((name) =>
      SUITES[name]
        .entries({ quick: true })
        .flatMap((entry) =>
          (entry.variants ?? ['']).map((variant) => ({ name: entry.name, shape: entry.shape, variant })),
        ),
    );
    expect(report.rows.map(({ name, shape, variant }) => ({ name, shape, variant }))).toEqual(wanted);
    for (const row of report.rows) {
      const title = `${workOf(row)} ${row.variant}`;
      for (const value of [row.ms, row.minMs, row.gbs, row.percentOfLimit])
        expect(value, title).toBeGreaterThan(0);
      expect(row.gflops, title).toBeGreaterThanOrEqual(0);
      if (row.variant !== 'captured' && !row.variant.includes('composed')) continue;
      // A captured step is one submit.
      if (row.variant.startsWith('captured')) expect(row.submits, title).toBe(1);
      expect(row.dispatches, title).toBeGreaterThan(0);
    }
    for (const { name, variant, dispatches } of report.rows) {
      if (/^tor.* gradients/i.test(name) && variant === '') expect(dispatches).toBeLessThanOrEqual(2);
    }
    // 2·(2·4·5·7)·3·3² operations of one of the convolutions.
    const convolution = report.rows.find(({ name }) => name === 'conv2d')!;
    expect(convolution.gflops).toBeCloseTo(15_120 / convolution.ms / 1e6, 6);
    checkPage(readFileSync(html, 'utf8'), report);
  });

  test('Ctrl-C ends it, and its children with it', async () => {
    const argv = [script, 'bench', 'kernels', '--quick', '--html', join(folder, 'never.html')];
    // A process group of its own, as a terminal gives it.
    const child = spawn(process.execPath, argv, { detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
    const ended = new Promise((resolve) => void child.on('close', (code, signal) => resolve(signal ?? code)));
    await new Promise<void>((resolve) => {
      child.stderr.on('data', (text: Buffer) => {
        if (text.toString().includes('2/')) resolve();
      });
    });
    process.kill(-child.pid!, 'SIGINT');
    expect(await ended).toBe('SIGINT');
    // Nobody is left in the group; a child may take a moment to go.
    const wait = { timeout: PATIENCE_MS / 2, interval: 100 };
    await expect
      .poll(() => {
        try {
          return process.kill(-child.pid!, 0);
        } catch {
          return false;
        }
      }, wait)
      .toBe(false);
  });
});
