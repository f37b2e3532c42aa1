/**
 * Damaged files through the readers: `npm run soak:readers`, a million of each format, or `-- --count N --formats mat,npy
 * --seed N`. Each must be read or refused by the reader's own error, within five seconds, and memory must not grow. Exit code 1
 * if not, with what shows it again. Ctrl-C stops and tells what was found so far.
 */
import { parseArgs } from 'node:util';
import { readCifar } from '../datasets/classes/cifar.ts';
import { readIdx } from '../datasets/classes/idx.ts';
import { FileError } from '../datasets/file-error.ts';
import { readMat } from '../datasets/mat/mat.ts';
import { decodeNpy } from '../datasets/npy/npy.ts';
import { decodeNpz } from '../datasets/npy/npz.ts';
import {
  damagedCifar10,
  damagedCifar100,
  damagedIdx,
  damagedIdxPacked,
} from '../test/fuzz/damaged-classes.ts';
import { damagedMat } from '../test/fuzz/damaged-mat.ts';
import { damagedNpy, damagedNpz } from '../test/fuzz/damaged-npy.ts';
import { type RandomBelow, randomBelow } from '../test/fuzz/damaged-files.ts';
import { formatCount } from '../base/format.ts';
import { createProgressLine } from '../cli/progress-line.ts';

const MAX_BYTES = 2 ** 24;
const MOST_MS = 5000;
/** Over what the process has before the first file. */
const MOST_GROWTH = 512 * 2 ** 20;

interface Format {
  damage: (below: RandomBelow) => Uint8Array;
  read: (bytes: Uint8Array) => unknown;
}

const formats: Record<string, Format> = {
  mat: { damage: damagedMat, read: (bytes) => readMat(bytes, { maxBytes: MAX_BYTES }) },
  npy: { damage: damagedNpy, read: (bytes) => decodeNpy(bytes) },
  npz: { damage: damagedNpz, read: (bytes) => decodeNpz(bytes, { maxBytes: MAX_BYTES }) },
  idx: { damage: damagedIdx, read: (bytes) => readIdx(bytes) },
  'idx.gz': { damage: damagedIdxPacked, read: (bytes) => readIdx(bytes, { maxBytes: MAX_BYTES }) },
  cifar10: { damage: damagedCifar10, read: (bytes) => readCifar(bytes, 10) },
  cifar100: { damage: damagedCifar100, read: (bytes) => readCifar(bytes, 100) },
};

interface Findings {
  done: number;
  refused: number;
  slowestMs: number;
  /** Bytes that the process grew by, at most. */
  growth: number;
  wrong: string[];
}

async function soak(name: string, count: number, seed: number, signal: AbortSignal): Promise<Findings> {
  const { damage, read } = formats[name]!;
  const findings: Findings = { done: 0, refused: 0, slowestMs: 0, growth: 0, wrong: [] };
  const line = createProgressLine(process.stderr);
  const before = process.memoryUsage.rss();
  for (let i = 0; i < count && !signal.aborted; i++) {
    // A seed for each, so that a single file can be made again.
    const bytes = damage(randomBelow(seed + i));
    const began = performance.now();
    try {
      await read(bytes);
    } catch (error) {
      findings.refused++;
      if (!(error instanceof FileError)) findings.wrong.push(`seed ${seed + i}: ${String(error)}`);
    }
    const ms = performance.now() - began;
    findings.slowestMs = Math.max(findings.slowestMs, ms);
    if (ms > MOST_MS) findings.wrong.push(`seed ${seed + i}: took ${ms.toFixed(0)} ms`);
    findings.done++;
    if (i % 1000 > 0) continue;
    findings.growth = Math.max(findings.growth, process.memoryUsage.rss() - before);
    line.update(i / count, () => `${name}: ${formatCount(i)} files, ${findings.wrong.length} wrong`);
    await new Promise(setImmediate); // for Ctrl-C
  }
  line.close();
  if (findings.growth > MOST_GROWTH) findings.wrong.push('memory grew over its bound');
  return findings;
}

function report(name: string, { done, refused, slowestMs, growth, wrong }: Findings): void {
  const sizes = `slowest ${slowestMs.toFixed(0)} ms, memory +${Math.round(growth / 2 ** 20)} MiB`;
  console.log(`${name}: ${formatCount(done)} files, ${formatCount(refused)} refused, ${sizes}`);
  for (const problem of wrong.slice(0, 20)) console.log(`  WRONG ${problem}`);
  if (wrong.length > 20) console.log(`  and ${wrong.length - 20} more`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '1000000' },
      formats: { type: 'string', default: Object.keys(formats).join() },
      seed: { type: 'string', default: '1' },
    },
  });
  const [count, seed] = [Number(values.count), Number(values.seed)];
  if (!Number.isInteger(count) || count < 1 || !Number.isInteger(seed))
    throw new Error('soak:readers: --count and --seed want whole numbers');
  const names = values.formats.split(',');
  for (const name of names) {
    if (!Object.hasOwn(formats, name))
      throw new Error(`soak:readers: no format '${name}'; there are ${Object.keys(formats).join(', ')}`);
  }
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  for (const name of names) {
    if (controller.signal.aborted) break;
    const findings = await soak(name, count, seed, controller.signal);
    report(name, findings);
    if (findings.wrong.length > 0) process.exitCode = 1;
  }
  if (controller.signal.aborted) process.exitCode = 130;
}

await main();
