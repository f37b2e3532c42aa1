/** Reductions of the middle axis of (outer, count, inner) to (outer, inner). */
import { defineKernel, type Kernel } from './kernel.ts';
import { wgsl } from './wgsl.ts';

export type Reduction = 'sum' | 'max';

/** Beyond this length a workgroup shares one output; the rule depends on the shape alone, so bits do not depend on the adapter. */
export const LONG_REDUCTION = 1024;

const combine = {
  sum: { wgsl: (a: string, b: string) => `${a} + ${b}`, js: (a: number, b: number) => a + b },
  max: { wgsl: (a: string, b: string) => `max(${a}, ${b})`, js: Math.max },
};

/** One invocation an output, in the order of the axis. */
export function shortReduction(reduction: Reduction): Kernel<'x', 'y', 'outer' | 'count' | 'inner'> {
  return defineKernel({
    name: reduction,
    inputs: ['x'],
    outputs: ['y'],
    uniforms: { outer: 'u32', count: 'u32', inner: 'u32' },
    code: wgsl`
@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = workgroupIndex(wid) * WORKGROUP_SIZE + lane;
  if (i < uniforms.outer * uniforms.inner) {
    let first = i / uniforms.inner * uniforms.count * uniforms.inner + i % uniforms.inner;
    var result = ${start(reduction, 'x[first]')};
    for (var j = 0u; j < uniforms.count; j++) {
      result = ${combine[reduction].wgsl('result', 'x[first + j * uniforms.inner]')};
    }
    y[i] = result;
  }
}
`,
    reference: reduceReference(reduction),
  });
}

/** A workgroup an output: each lane takes every 256th element in runs of 64, then a fixed tree. */
export function longReduction(reduction: Reduction): Kernel<'x', 'y', 'outer' | 'count' | 'inner'> {
  return defineKernel({
    name: `${reduction}-long`,
    inputs: ['x'],
    outputs: ['y'],
    uniforms: { outer: 'u32', count: 'u32', inner: 'u32' },
    workgroupSize: 256,
    code: wgsl`
var<workgroup> partial: array<f32, WORKGROUP_SIZE>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = min(workgroupIndex(wid), uniforms.outer * uniforms.inner - 1u);
  let first = i / uniforms.inner * uniforms.count * uniforms.inner + i % uniforms.inner;
  var result = ${start(reduction, 'x[first]')};
  // Runs of 64 terms first: a sum of n terms then errs like one of 64 + n / 16,384.
  for (var start = lane; start < uniforms.count; start += 64u * WORKGROUP_SIZE) {
    var run = x[first + start * uniforms.inner];
    let end = min(uniforms.count, start + 64u * WORKGROUP_SIZE);
    for (var j = start + WORKGROUP_SIZE; j < end; j += WORKGROUP_SIZE) {
      run = ${combine[reduction].wgsl('run', 'x[first + j * uniforms.inner]')};
    }
    result = ${combine[reduction].wgsl('result', 'run')};
  }
  partial[lane] = result;
  workgroupBarrier();
  for (var half = WORKGROUP_SIZE / 2u; half > 0u; half >>= 1u) {
    if (lane < half) { partial[lane] = ${combine[reduction].wgsl('partial[lane]', 'partial[lane + half]')}; }
    workgroupBarrier();
  }
  if (lane == 0u) { y[i] = partial[0]; }
}
`,
    reference: reduceReference(reduction),
  });
}

function start(reduction: Reduction, first: string): string {
  return reduction === 'sum' ? '0.0' : first;
}

function reduceReference(reduction: Reduction) {
  const { js } = combine[reduction];
  return (
    { x }: { x: Float64Array },
    { count, inner }: { outer: number; count: number; inner: number },
    { y }: { y: Float64Array },
  ) => {
    for (let i = 0; i < y.length; i++) {
      const first = Math.floor(i / inner) * count * inner + (i % inner);
      let result = reduction === 'sum' ? 0 : -Infinity;
      for (let j = 0; j < count; j++) result = js(result, x[first + j * inner]!);
      y[i] = result;
    }
  };
}
