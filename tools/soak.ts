/**
 * The error and the order of unary functions over all 2^32 float32 numbers: `npm run soak -- --functions exp,log`. Takes
 * minutes a function. Each of a few processes has its range of bit patterns and a GPU device; the reference is float64 in
 * JavaScript. Ctrl-C stops it and tells what was found so far. Exit code 1 if a portable function breaks its bound.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openGpu } from '../engine/gpu/gpu.ts';
import { pointFunctions, type UnaryName } from '../kernels/pointwise/functions.ts';
import { mathFunctions, mathNames, type MathMode, type MathName } from '../kernels/math/math.ts';
import { ErrorCount, type Errors, evaluateRange } from './ulp-measure.ts';

const ALL = 2 ** 32;
const CHUNK = 2 ** 21;
/** For ops that are no function of `math.ts`. */
const DEFAULT_BOUND = 5;

interface Job {
  name: UnaryName;
  math: MathMode;
  first: number;
  end: number;
}

interface Progress {
  done: number;
  errors: Errors;
  adapter: string;
}

/** In a child: measures its range, with a message a chunk. */
async function work({ name, math, first, end }: Job): Promise<void> {
  let isStopped = false;
  process.on('SIGINT', () => undefined); // the parent decides
  process.on('disconnect', () => (isStopped = true));
  const gpu = await openGpu({ math });
  const count = new ErrorCount(name, { hasAll: true });
  // One argument of the range before, so that no pair of neighbours is left out.
  for (let start = Math.max(0, first - 1); start < end && !isStopped; start += CHUNK) {
    const size = Math.min(CHUNK, end - start);
    const { x, y } = await evaluateRange(name, { first: start, stride: 1, size }, gpu);
    count.add(x, y);
    const progress: Progress = { done: start + size - first, errors: count.errors, adapter: gpu.name };
    process.send?.(progress, () => undefined); // a parent that is gone misses nothing
  }
  gpu.close();
  if (process.connected) process.disconnect();
}

/** In the parent: one function over all numbers; resolves early when stopped. */
async function soak(name: UnaryName, math: MathMode, jobs: number, signal: AbortSignal): Promise<Progress> {
  const progress: Progress[] = [];
  const began = Date.now();
  let printed = 0;
  const children: ChildProcess[] = [];
  const finished = Array.from({ length: jobs }, (_, i) => {
    const [first, end] = [i, i + 1].map((part) => Math.floor((ALL / jobs) * part));
    const argv = ['--part', JSON.stringify({ name, math, first, end })];
    const child = fork(fileURLToPath(import.meta.url), argv, { serialization: 'advanced' });
    children.push(child);
    child.on('message', (message) => {
      progress[i] = message as Progress; // from `work` above
      if (Date.now() - printed < (process.stderr.isTTY ? 500 : 30_000)) return;
      printed = Date.now();
      process.stderr.write(`${statusLine(name, progress, began)}${process.stderr.isTTY ? '\r' : '\n'}`);
    });
    return new Promise<void>((resolve, reject) =>
      child.on('exit', (code) =>
        code === 0 || signal.aborted ? resolve() : reject(new Error(`soak: ${name} ended with code ${code}`)),
      ),
    );
  });
  signal.addEventListener('abort', () => children.forEach((child) => child.connected && child.disconnect()));
  try {
    await Promise.all(finished);
  } finally {
    for (const child of children) if (child.connected) child.disconnect();
  }
  return merged(progress);
}

function merged(parts: readonly Progress[]): Progress {
  const known = parts.filter((part) => part !== undefined);
  const worst = known.reduce((a, b) => (b.errors.maxUlp > a.errors.maxUlp ? b : a));
  const total = (pick: (part: Progress) => number) => known.reduce((sum, part) => sum + pick(part), 0);
  const falls = worst.errors.falls === undefined ? undefined : total(({ errors }) => errors.falls ?? 0);
  const nearest = known.map(({ errors }) => errors.invalidAt).filter((at) => !Number.isNaN(at));
  return {
    done: total(({ done }) => done),
    adapter: worst.adapter,
    errors: {
      ...worst.errors,
      falls,
      invalid: total(({ errors }) => errors.invalid),
      invalidAt: nearest.toSorted((a, b) => Math.abs(a) - Math.abs(b))[0] ?? Number.NaN,
      compared: total(({ errors }) => errors.compared),
    },
  };
}

function statusLine(name: string, progress: readonly Progress[], began: number): string {
  const { done, errors } = merged(progress);
  const seconds = (Date.now() - began) / 1000;
  const left = (seconds / done) * (ALL - done);
  return `${name}: ${((100 * done) / ALL).toFixed(1)} %, worst ${errors.maxUlp.toFixed(3)} ULP, ${Math.ceil(left)} s left   `;
}

function report(name: UnaryName, math: MathMode, { done, errors, adapter }: Progress): boolean {
  const bound = name in mathFunctions ? mathFunctions[name as MathName].maxUlp : DEFAULT_BOUND;
  const isGood = errors.maxUlp <= bound && !errors.falls && errors.invalid === 0;
  const parts = [
    `${name} (${math}, ${adapter}): ${errors.maxUlp.toFixed(4)} ULP at ${errors.at}, bound ${bound}`,
    errors.falls === undefined ? 'may fall' : `${errors.falls} falls`,
    `${errors.invalid} NaN or infinite${errors.invalid > 0 ? ` from ${errors.invalidAt}` : ''}`,
    `${((100 * done) / ALL).toFixed(done === ALL ? 0 : 1)} % of 2^32`,
  ];
  console.log(`${isGood || math === 'native' ? '' : 'BROKEN '}${parts.join('; ')}`);
  return isGood || math === 'native';
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      functions: { type: 'string', default: mathNames.join() },
      math: { type: 'string', default: 'portable' },
      jobs: { type: 'string', default: String(availableParallelism()) },
      part: { type: 'string' },
    },
  });
  if (values.part !== undefined) return work(JSON.parse(values.part) as Job); // written by `soak` above
  const names = values.functions.split(',') as UnaryName[];
  for (const name of names) {
    if (pointFunctions[name]?.parameters.length === 1) continue;
    throw new Error(`soak: '${name}' is not a unary function; there are ${mathNames.join(', ')} and more`);
  }
  if (values.math !== 'portable' && values.math !== 'native')
    throw new Error(`soak: --math ${values.math}; wants portable or native`);
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  for (const name of names) {
    if (controller.signal.aborted) break;
    const result = await soak(name, values.math, Math.max(1, Number(values.jobs) || 1), controller.signal);
    if (!report(name, values.math, result)) process.exitCode = 1;
  }
  if (controller.signal.aborted) process.exitCode = 130;
}

await main();
