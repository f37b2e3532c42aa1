/**
 * Measures the error of every unary op, and of pow, over a dense sweep of float32, on every software adapter there is, by
 * portable and by native mathematics, and writes docs/ulp.md: `npm run ulp`. Nothing on that page is typed by hand.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { openGpu } from '../engine/gpu/gpu.ts';
import { pow } from '../engine/ops/pointwise/elementwise.ts';
import { tensor } from '../engine/tensor.ts';
import { unaryNames } from '../kernels/pointwise/functions.ts';
import type { MathMode } from '../kernels/math/math.ts';
import { findSwiftShader } from '../scripts/setup/software-drivers.mjs';
import { errorOf } from './ulp-error.ts';
import { ErrorCount, type Errors, evaluateRange } from './ulp-measure.ts';
import { type Column, page } from './ulp-page.ts';
import { powArguments } from './ulp-pow.ts';

const PAGE = new URL('../docs/ulp.md', import.meta.url);

/** Every exponent and both signs, 2,048 significands each; and 2^-6 to 2^8, where the functions do most, 16 times as dense. */
const STRIDE = 4093;
const DENSE_STRIDE = 257;
const SUBNORMALS = 4096;

async function measure(math: MathMode): Promise<Column> {
  const gpu = await openGpu({ math });
  try {
    const column: Column = { adapter: gpu.name, math, rows: {} };
    for (const name of unaryNames) {
      const count = new ErrorCount(name);
      for (const sign of [0, 0x80000000]) {
        const sweep = { first: sign, stride: STRIDE, size: Math.floor(0x7f800000 / STRIDE) };
        const dense = { first: sign + 0x3c800000, stride: DENSE_STRIDE, size: (7 * 2 ** 24) / DENSE_STRIDE };
        const subnormal = { first: sign, stride: 2 ** 23 / SUBNORMALS, size: SUBNORMALS };
        for (const range of [sweep, { ...dense, size: Math.floor(dense.size) }, subnormal]) {
          const { x, y } = await evaluateRange(name, range, gpu);
          count.add(x, y);
          count.addBits(x, y);
        }
      }
      column.rows[name] = { ...count.errors, ...count.hashes() };
    }
    const { a, b } = powArguments(2 ** 20);
    const y = await pow(tensor(a, [a.length], gpu), tensor(b, [b.length], gpu)).data();
    column.rows.pow = { ...powErrors(a, b, y), ...{ normal: hashOf(y as Float32Array), subnormal: '' } };
    return column;
  } finally {
    gpu.close();
  }
}

function powErrors(a: Float32Array, b: Float32Array, y: ArrayLike<number>): Errors {
  const errors: Errors = {
    maxUlp: 0,
    at: 0,
    falls: undefined,
    invalid: 0,
    invalidAt: Number.NaN,
    compared: 0,
  };
  for (let i = 0; i < a.length; i++) {
    const error = errorOf(y[i]!, a[i]! ** b[i]!);
    errors.compared++;
    if (error > errors.maxUlp) [errors.maxUlp, errors.at] = [error, a[i]!];
    if (Number.isNaN(error)) [errors.invalid, errors.invalidAt] = [errors.invalid + 1, a[i]!];
  }
  return errors;
}

function hashOf(y: Float32Array): string {
  return createHash('sha256').update(new Uint8Array(y.buffer)).digest('hex');
}

/** A driver is chosen when a process starts: another driver, another process. */
function measureInChild(math: MathMode, driver?: string): Column {
  const env = driver ? { ...process.env, VK_DRIVER_FILES: driver } : process.env;
  const argv = ['--import', 'tsx', fileURLToPath(import.meta.url), '--measure', math];
  const child = spawnSync(process.execPath, argv, {
    env,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.status !== 0) throw new Error(`measuring ${math} on ${driver ?? 'the default driver'} failed`);
  return JSON.parse(child.stdout.trim().split('\n').at(-1)!) as Column;
}

function main(): void {
  const drivers = [undefined, findSwiftShader()].filter((driver, i) => i === 0 || driver !== undefined);
  const columns = drivers.flatMap((driver) =>
    (['portable', 'native'] as const).map((math) => {
      console.error(`${driver ?? 'default driver'}, ${math} …`);
      return measureInChild(math, driver);
    }),
  );
  const { devDependencies } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  ) as { devDependencies: Record<string, string> };
  const about = `${new Date().toISOString().slice(0, 10)}, ${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.version}, webgpu ${devDependencies.webgpu ?? ''}`;
  writeFileSync(PAGE, page(columns, about));
  console.log(`wrote ${fileURLToPath(PAGE)}`);
}

const [flag, math] = process.argv.slice(2);
if (flag === '--measure') {
  // JSON has no NaN and no infinity.
  const text = (_: string, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
  console.log(JSON.stringify(await measure(math as MathMode), text));
} else main();
