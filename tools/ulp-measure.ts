/** Measures pointwise functions on a GPU against float64: errors in units in the last place, falls, NaNs, bits. */
import { createHash, type Hash } from 'node:crypto';
import { dispatch, workgroupsFor } from '../engine/dispatch.ts';
import type { GpuBackend } from '../engine/gpu/gpu.ts';
import { tidy } from '../engine/tensor.ts';
import { pointFunctions, type UnaryName } from '../kernels/pointwise/functions.ts';
import { getOrMake } from '../kernels/get-or-make.ts';
import { defineKernel, type Kernel } from '../kernels/kernel.ts';
import { wgsl } from '../kernels/wgsl.ts';
import { errorOf, LARGEST, SMALLEST } from './ulp-error.ts';

const risesEverywhere = 'exp expm1 log log1p tanh sigmoid softplus softsign erf atan sqrt normalDistribution';

/** Whether a function rises from one argument to the next, larger one; undefined where it has no such duty. */
const duties: Partial<Record<string, (before: number, after: number) => boolean>> = {
  ...Object.fromEntries(risesEverywhere.split(' ').map((name) => [name, () => true])),
  // Between two poles, as far as float64 can tell them.
  tan: (before, after) =>
    Math.abs(after) < 1e7 && Math.floor(before / Math.PI + 0.5) === Math.floor(after / Math.PI + 0.5),
};

export interface Errors {
  /** Largest distance from float64 over arguments and results that are normal numbers. */
  maxUlp: number;
  at: number;
  /** Neighbours whose results fall; undefined for a function that may. */
  falls: number | undefined;
  /** Normal arguments whose result is NaN, or infinite, where it must not be; the one nearest 0. */
  invalid: number;
  invalidAt: number;
  /** How many normal numbers were compared. */
  compared: number;
}

/** Takes results in the order of their arguments' bit patterns. */
export class ErrorCount {
  readonly errors: Errors;
  readonly #js: (x: number) => number;
  readonly #duty: ((before: number, after: number) => boolean) | undefined;
  readonly #normalBits: Hash = createHash('sha256');
  readonly #subnormalBits: Hash = createHash('sha256');
  readonly #hasAll: boolean;
  #before = Number.NaN;
  #resultBefore = Number.NaN;

  /** `hasAll`: subnormal arguments count as 0 and infinite ones and NaN must give what float64 gives, if only NaN or not. */
  constructor(name: UnaryName, { hasAll = false } = {}) {
    this.#hasAll = hasAll;
    this.#js = pointFunctions[name].js;
    this.#duty = duties[name];
    const falls = this.#duty ? 0 : undefined;
    this.errors = { maxUlp: 0, at: 0, falls, invalid: 0, invalidAt: Number.NaN, compared: 0 };
  }

  add(x: Float32Array, y: Float32Array): void {
    const js = this.#js;
    const hasDuty = this.#duty !== undefined;
    const { errors } = this;
    let { maxUlp, compared } = errors;
    for (let i = 0; i < x.length; i++) {
      const argument = x[i]!;
      const size = Math.abs(argument);
      const isNormal = size >= SMALLEST && size <= LARGEST;
      if (!isNormal && !this.#hasAll) continue;
      const wanted = js(size < SMALLEST ? 0 : argument);
      const got = y[i]!;
      const error = errorOf(got, wanted);
      // Also where the error is NaN.
      if (!(error <= maxUlp)) {
        this.#note(error, argument);
        maxUlp = errors.maxUlp;
      }
      compared++;
      if (!hasDuty || !isNormal) continue;
      // Bit patterns of negative numbers go down, and so must the results.
      if (argument > 0 ? got < this.#resultBefore : got > this.#resultBefore) this.#noteFall(argument);
      this.#before = argument;
      this.#resultBefore = got;
    }
    errors.compared = compared;
  }

  #note(error: number, argument: number): void {
    const { errors } = this;
    if (error > errors.maxUlp) [errors.maxUlp, errors.at] = [error, argument];
    if (!Number.isNaN(error)) return;
    errors.invalid++;
    if (!(Math.abs(argument) >= Math.abs(errors.invalidAt))) errors.invalidAt = argument;
  }

  #noteFall(argument: number): void {
    const [low, high] = argument > 0 ? [this.#before, argument] : [argument, this.#before];
    // Not where a sweep begins again, or changes its sign.
    const isNeighbour = low < high && low < 0 === high < 0;
    if (isNeighbour && this.#duty!(low, high)) this.errors.falls!++;
  }

  /** Hashes the bits of results for normal and for subnormal arguments; NaNs, whose bits nobody promises, as one. */
  addBits(x: Float32Array, y: Float32Array): void {
    const bits = new Uint32Array(y.buffer, y.byteOffset, y.length);
    const normal: number[] = [];
    const subnormal: number[] = [];
    for (let i = 0; i < x.length; i++) {
      const size = Math.abs(x[i]!);
      const word = Number.isNaN(y[i]!) ? 0x7fc00000 : bits[i]!;
      if (size >= SMALLEST && size <= LARGEST) normal.push(word);
      else if (size < SMALLEST) subnormal.push(word);
    }
    this.#normalBits.update(Uint32Array.from(normal));
    this.#subnormalBits.update(Uint32Array.from(subnormal));
  }

  hashes(): { normal: string; subnormal: string } {
    return { normal: this.#normalBits.digest('hex'), subnormal: this.#subnormalBits.digest('hex') };
  }
}

const kernels = new Map<UnaryName, Kernel>();

/** y[i] = f(the float whose bits are first + i stride). */
function sweepKernel(name: UnaryName): Kernel {
  return defineKernel<string, string, string>({
    name: `sweep-${name}`,
    inputs: [],
    outputs: ['y'],
    uniforms: { size: 'u32', first: 'u32', stride: 'u32' },
    code: wgsl`
fn f(x: f32) -> f32 { return ${pointFunctions[name].wgsl}; }

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = workgroupIndex(wid) * WORKGROUP_SIZE + lane;
  if (i < uniforms.size) { y[i] = f(bitcast<f32>(uniforms.first + i * uniforms.stride)); }
}
`,
  });
}

export interface Range {
  first: number;
  stride: number;
  size: number;
}

/** Arguments by their bits, and the function of them on the GPU. */
export async function evaluateRange(name: UnaryName, { first, stride, size }: Range, gpu: GpuBackend) {
  const kernel = getOrMake(kernels, name, () => sweepKernel(name));
  const result = tidy(() => {
    const workgroups = workgroupsFor(kernel, size);
    const uniforms = { size, first, stride };
    return dispatch(kernel, { inputs: {}, uniforms, outputs: { y: [size] }, workgroups, backend: gpu }).y!;
  });
  // The cast: f32 tensors of the GPU are read as such.
  const y = (await result.data()) as Float32Array;
  result.dispose();
  const bits = new Uint32Array(size);
  for (let i = 0; i < size; i++) bits[i] = first + i * stride;
  return { x: new Float32Array(bits.buffer), y };
}
