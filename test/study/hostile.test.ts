/** Foreign plans, results, weights and pictures: nothing runs, nothing is written elsewhere, nothing fills the memory. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { numerics } from '../../engine/numerics.ts';
import { encodeSafetensors } from '../../engine/files/safetensors.ts';
import { crc32 } from '../../base/crc32.ts';
import { decodeGreyPng } from '../../datasets/png.ts';
import { inflatedLength } from '../../datasets/packed/inflated-length.ts';
import { openPlan } from '../../study/plan/plan-folder.ts';
import type { Plan } from '../../study/plan/plan.ts';
import type { RunResult } from '../../study/plan/run-result.ts';
import { readBytes } from '../../study/read/read-bytes.ts';
import { readNetwork } from '../../study/network-file.ts';
import { checkTensors } from '../../study/saved-network.ts';
import { mergeFolder } from '../../cli/study/merge-folder.ts';
import { tableDescription } from '../made-network.ts';

const home = mkdtempSync(join(tmpdir(), 'limbeck-hostile-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const EVIL = '"><img src=x onerror=alert(1)><script>alert(2)</script>';
const FORMULA = '=HYPERLINK("http://x","y")';

const id = (i: number) => String(i).padStart(64, '0');

/** A plan and results whose every name is hostile. */
function planFolder(name: string, change: (plan: Plan) => object = (plan) => plan): string {
  const folder = join(home, name);
  mkdirSync(join(folder, 'results'), { recursive: true });
  const methods = [`scratch${EVIL}`, FORMULA];
  const runs = [0, 1, 2].map((i) => ({
    ...{ index: i, id: id(i), methods, seeds: [0, 1], steps: 1 },
    at: { [EVIL]: i, data: `${FORMULA}|![x](http://x)${EVIL}` },
    options: { data: EVIL },
  }));
  const plan: Plan = {
    ...{ format: 1, name: 'foreign', version: '1', numerics, baseline: methods[0]!, base: { [EVIL]: EVIL } },
    axes: [
      { name: EVIL, values: [0, 1, 2] },
      { name: 'data', values: [`${FORMULA}|![x](http://x)${EVIL}`] },
    ],
    runs,
  };
  writeFileSync(join(folder, 'plan.json'), JSON.stringify(change(plan)));
  for (const run of runs.slice(0, 2)) {
    const score = (method: string, rmse: number) => ({
      ...{ method, rmse, params: 1, macs: 1, seconds: 1, weightsSha256: EVIL },
    });
    const result: RunResult = {
      ...{ id: run.id, index: run.index, command: EVIL, adapter: EVIL, host: 'node', cpu: EVIL },
      ...{ versions: { [EVIL]: EVIL }, started: EVIL, seconds: 1 },
      seeds: [0, 1].map((seed) => ({
        seed,
        scores: methods.map((method, k) => score(method, 1 + seed + k)),
      })),
      ...(run.index === 1 ? { error: { message: `\u001b[2J${EVIL}`, isWorthRetry: false } } : {}),
    };
    writeFileSync(join(folder, 'results', `${run.id}.json`), JSON.stringify(result));
  }
  return folder;
}

test('a foreign plan writes no script, no formula and no markup', () => {
  const folder = planFolder('names');
  mergeFolder(openPlan(folder, '1'));
  const page = readFileSync(join(folder, 'report.html'), 'utf8');
  expect(page).not.toMatch(/<script|<img|onerror=alert\(1\)>/);
  expect(page).toContain('Content-Security-Policy" content="default-src \'none\'');
  // Every attribute is one of ours: what is hostile is text.
  expect([...page.matchAll(/ id="([^"]*)"/g)].every(([, name]) => /^[\w-]+$/.test(name!))).toBe(true);
  for (const name of ['results.csv', 'seeds.csv']) {
    const cells = readFileSync(join(folder, name), 'utf8').match(/(?<=^|,)("(?:[^"]|"")*"|[^,\n]*)/gm)!;
    expect(cells.filter((cell) => /^"?[=+@]/.test(cell))).toEqual([]);
    expect(cells.some((cell) => cell.startsWith('"\'=HYPERLINK'))).toBe(true);
  }
  const markdown = readFileSync(join(folder, 'results.md'), 'utf8');
  expect(markdown).not.toMatch(/<img|<script|\]\(http|[^\\]\|!\[/);
});

test.each([
  ['a path as id', (plan: Plan) => ({ ...plan, runs: [{ ...plan.runs[0]!, id: '../../x' }] }), 'runs[0]'],
  ['no list of axes', (plan: Plan) => ({ ...plan, axes: {} }), 'axes'],
  ['a name that is none', (plan: Plan) => ({ ...plan, name: '../x' }), 'name'],
  [
    'options that are no texts',
    (plan: Plan) => ({ ...plan, runs: [{ ...plan.runs[0]!, options: { a: 1 } }] }),
    'runs[0]',
  ],
  ['runs that are none', (plan: Plan) => ({ ...plan, runs: [null] }), 'runs[0]'],
])('a plan is refused for %s', (name, change, where) => {
  const folder = planFolder(name.replaceAll(' ', '-'), change);
  expect(() => openPlan(folder, '1').readPlan()).toThrow(`plan.json: ${where}`);
  expect(existsSync(join(home, 'x.json'))).toBe(false);
});

test('results that are cut, empty, of another run or no results count as missing, and are named', () => {
  const folder = planFolder('damaged');
  const path = join(folder, 'results', `${id(0)}.json`);
  const whole = readFileSync(path, 'utf8');
  const plan = () => openPlan(folder, '1');
  expect(plan().result(id(0))?.seeds).toHaveLength(2);
  const damaged = ['', whole.slice(0, whole.length / 2), '[]', '{}', 'null', '{"id":1}'];
  damaged.push(
    whole.replace(id(0), id(5)),
    whole.replace('"rmse":1', '"rmse":"1"'),
    whole.replace(/"seeds":\[.*\]/, '"seeds":[]'),
  );
  for (const text of damaged) {
    writeFileSync(path, text);
    expect(plan().result(id(0)), text.slice(0, 40)).toBeUndefined();
    expect(plan().isDamaged(id(0))).toBe(true);
    expect(mergeFolder(plan())).toMatch(/damaged, and counted as missing: run 0/);
  }
  expect(plan().isDamaged(id(2))).toBe(false);
});

test('devices and folders are no files; a pipe is read up to a limit, and can be stopped', async () => {
  await expect(readBytes('/dev/zero')).rejects.toThrow('/dev/zero is a device; wants a file');
  await expect(readBytes(home)).rejects.toThrow('is a folder; wants a file');
  const pipe = join(home, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const controller = new AbortController();
  const waiting = readBytes(pipe, { signal: controller.signal });
  setTimeout(() => controller.abort(), 50);
  await expect(waiting).rejects.toMatchObject({ name: 'UserError', exitCode: 130 });
  const feed = (bytes: number) => spawn('sh', ['-c', `head -c ${bytes} /dev/zero > '${pipe}'`]);
  const fed = readBytes(pipe, { most: 1000 });
  feed(900);
  expect((await fed).length).toBe(900);
  const flooded = readBytes(pipe, { most: 1000 });
  feed(5000);
  await expect(flooded).rejects.toThrow('gives more; at most');
});

test.each([
  ['10^8 networks', { folds: 1e8 }, 'says that it holds 100000000 networks, and has 1 tensors'],
  [
    'wide layers',
    { network: 'mlp:65536,65536,65536:tanh' },
    'it holds 1 numbers of a network that has at least',
  ],
  ['a huge image', { network: 'lenet', image: { height: 1e6, width: 1e6 } }, 'more than 2048 either way'],
  [
    'a large image',
    { network: 'lenet', image: { height: 2048, width: 2048 } },
    'it holds 1 numbers of a network',
  ],
  [
    'many channels',
    { network: 'resnet20:64', image: { height: 36, width: 60 } },
    'it holds 1 numbers of a network',
  ],
  [
    'many channels (%#)',
    { network: 'mobilenet:64', image: { height: 36, width: 60 } },
    'it holds 1 numbers of a network',
  ],
])('weights that declare %s are refused before anything is built', (_, change, message) => {
  const description = { ...tableDescription, ...change };
  const tensors = new Map([['fold.0.x', { shape: [1], values: new Float32Array(1) }]]);
  const bytes = encodeSafetensors(tensors, { limbeck: JSON.stringify(description) });
  expect(() => checkTensors(readNetwork(bytes, 'w.safetensors'))).toThrow(message);
});

function png(width: number, height: number, ...more: [type: string, data: Uint8Array][]): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const chunk = (type: string, data: Uint8Array) => {
    const bytes = Buffer.alloc(12 + data.length);
    bytes.writeUInt32BE(data.length, 0);
    bytes.write(type, 4, 'latin1');
    bytes.set(data, 8);
    bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
    return bytes;
  };
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    ...([['IHDR', header], ...more, ['IEND', new Uint8Array()]] as const).map(([type, data]) =>
      chunk(type, data),
    ),
  ]);
}

/** So many zeros, packed. */
const bomb = deflateSync(Buffer.alloc(2 ** 27), { level: 9 });

test('pictures that unpack to more than their pixels are refused, and what else is packed in them is not looked at', () => {
  expect(() => decodeGreyPng(png(1, 1, ['IDAT', bomb]))).toThrow('more is packed than the 2 bytes');
  // In pieces, and in a picture of which that many packed bytes could be honest ones.
  const halves = [bomb.subarray(0, 1000), bomb.subarray(1000)].map((part): [string, Uint8Array] => [
    'IDAT',
    part,
  ]);
  expect(() => decodeGreyPng(png(600, 600, ...halves))).toThrow('more is packed than the 360600 bytes');
  expect(() => decodeGreyPng(png(8000, 8000, ['IDAT', deflateSync(Buffer.alloc(9))]))).toThrow('cannot hold');
  const profile = Buffer.concat([Buffer.from('icc\0\0', 'latin1'), bomb]);
  const pixels: [string, Uint8Array] = ['IDAT', deflateSync(Buffer.from([0, 77]))];
  const grey = decodeGreyPng(png(1, 1, ['iCCP', profile], ['zTXt', profile], pixels));
  expect([...grey.values]).toEqual([77]);
});

test('the length of what is deflated, without unpacking', () => {
  const texts = [
    '',
    'a',
    'abc'.repeat(10_000),
    Array.from({ length: 5000 }, (_, i) => String(i * i)).join(' '),
  ];
  const noise = Buffer.from(Float64Array.from({ length: 30_000 }, (_, i) => Math.sin(i * i)).buffer);
  for (const data of [...texts.map((text) => Buffer.from(text)), noise, Buffer.alloc(1e6)])
    for (const options of [{ level: 0 }, { level: 1 }, { level: 9 }, { strategy: 4 }]) {
      const packed = deflateSync(data, options).subarray(2);
      expect(inflatedLength(packed, Infinity), JSON.stringify(options)).toBe(data.length);
      if (data.length > 1000) expect(inflatedLength(packed, 100)).toBeGreaterThan(100);
      for (const cut of [0, 1, 5, packed.length >> 1]) inflatedLength(packed.subarray(0, cut), Infinity);
    }
});
