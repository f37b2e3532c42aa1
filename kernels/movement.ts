/** Kernels that move numbers without computing: copies by strides, concatenation, rows by index. */
import { defineKernel, type Kernel, type Scalar } from './kernel.ts';
import { wgsl } from './wgsl.ts';

/**
 * y[p] = x[start + Σ p_axis · stride_axis]: transposes, slices, broadcasts and reversals are all this. Strides are
 * u32 that wrap around, so a negative one works.
 */
export function stridedCopy(rank: number): Kernel {
  const axes = [...Array(rank).keys()];
  const uniforms: Record<string, Scalar> = { size: 'u32', start: 'u32' };
  for (const axis of axes) {
    uniforms[`d${axis}`] = 'u32';
    uniforms[`s${axis}`] = 'u32';
  }
  const position = axes
    .toReversed()
    .map((axis) =>
      axis === 0
        ? 'place += rest * uniforms.s0;'
        : `place += rest % uniforms.d${axis} * uniforms.s${axis}; rest = rest / uniforms.d${axis};`,
    );
  return defineKernel<string, string, string>({
    name: 'strided-copy',
    inputs: ['x'],
    outputs: ['y'],
    uniforms,
    code: wgsl`
@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = workgroupIndex(wid) * WORKGROUP_SIZE + lane;
  if (i < uniforms.size) {
    var rest = i;
    var place = uniforms.start;
    ${position.join('\n    ')}
    y[i] = x[place];
  }
}
`,
    reference({ x }, sizes, { y }) {
      for (let i = 0; i < y!.length; i++) {
        let rest = i;
        let place = sizes.start!;
        for (const axis of axes.toReversed()) {
          place += (rest % sizes[`d${axis}`]!) * (sizes[`s${axis}`]! | 0);
          rest = Math.floor(rest / sizes[`d${axis}`]!);
        }
        y![i] = x![place]!;
      }
    },
  });
}

/** WebGPU's default allows 8 storage buffers: 7 inputs and the output. */
export const MAX_CONCAT_INPUTS = 7;

/**
 * Copies up to seven inputs into places of one buffer that exists already. Input k fills a `rows` × `width_k` block
 * that begins at `start_k` and whose rows are `pitch` apart; `rows` = 1 copies it in one piece.
 */
export function concatInto(count: number): Kernel {
  const inputs = [...Array(count).keys()].map((k) => `x${k}`);
  const uniforms: Record<string, Scalar> = { rows: 'u32', pitch: 'u32', widest: 'u32' };
  for (const k of inputs.keys()) {
    uniforms[`width${k}`] = 'u32';
    uniforms[`start${k}`] = 'u32';
  }
  const copy = (name: string, k: number) => `
    if (k == ${k}u && i < uniforms.rows * uniforms.width${k}) {
      let row = i / uniforms.width${k};
      let column = i - row * uniforms.width${k};
      y[uniforms.start${k} + row * uniforms.pitch + column] = ${name}[i];
    }`;
  return defineKernel<string, string, string>({
    name: 'concat',
    inputs,
    outputs: ['y'],
    inout: ['y'],
    uniforms,
    code: wgsl`
@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  // Dispatched as (workgroups of the widest input, 1, inputs).
  let k = wid.z;
  for (var i = wid.x * WORKGROUP_SIZE + lane; i < uniforms.rows * uniforms.widest; i += 65535u * WORKGROUP_SIZE) {${inputs.map(copy).join('')}
  }
}
`,
    reference(given, sizes, { y }) {
      for (const [k, name] of inputs.entries()) {
        const width = sizes[`width${k}`]!;
        for (const [i, value] of given[name]!.entries()) {
          y![sizes[`start${k}`]! + Math.floor(i / width) * sizes.pitch! + (i % width)] = value;
        }
      }
    },
  });
}

/** y[i, :] = x[index[i], :]. An index beyond the rows of x reads its last row. */
export const gatherRows: Kernel<'x' | 'index', 'y', 'size' | 'width' | 'rows'> = defineKernel({
  name: 'gather-rows',
  inputs: { x: 'f32', index: 'u32' },
  outputs: { y: 'f32' },
  uniforms: { size: 'u32', width: 'u32', rows: 'u32' },
  code: wgsl`
@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = workgroupIndex(wid) * WORKGROUP_SIZE + lane;
  if (i < uniforms.size) {
    let row = i / uniforms.width;
    y[i] = x[min(index[row], uniforms.rows - 1u) * uniforms.width + i - row * uniforms.width];
  }
}
`,
  reference({ x, index }, { width, rows }, { y }) {
    for (let i = 0; i < y.length; i++) {
      const row = Math.min(index[Math.floor(i / width)]!, rows - 1);
      y[i] = x[row * width + (i % width)]!;
    }
  },
});

/**
 * y[index[i], :] += x[i, :], every y in the order of i: the adjoint of `gatherRows`, without atomics. An index beyond
 * the rows of y adds to its last row.
 */
export const scatterRows: Kernel<'x' | 'index', 'y', 'size' | 'width' | 'count'> = defineKernel({
  name: 'scatter-rows',
  inputs: { x: 'f32', index: 'u32' },
  outputs: { y: 'f32' },
  uniforms: { size: 'u32', width: 'u32', count: 'u32' },
  code: wgsl`
@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = workgroupIndex(wid) * WORKGROUP_SIZE + lane;
  if (i < uniforms.size) {
    let row = i / uniforms.width;
    let column = i - row * uniforms.width;
    let last = uniforms.size / uniforms.width - 1u;
    var sum = 0.0;
    for (var j = 0u; j < uniforms.count; j++) {
      if (min(index[j], last) == row) { sum += x[j * uniforms.width + column]; }
    }
    y[i] = sum;
  }
}
`,
  reference({ x, index }, { width, count }, { y }) {
    y.fill(0);
    for (let j = 0; j < count; j++) {
      const row = Math.min(index[j]!, y.length / width - 1);
      for (let column = 0; column < width; column++) y[row * width + column]! += x[j * width + column]!;
    }
  },
});

/** Every element of y is `value`. */
export const fill: Kernel<never, 'y', 'size' | 'value'> = defineKernel({
  name: 'fill',
  inputs: [],
  outputs: ['y'],
  uniforms: { size: 'u32', value: 'f32' },
  code: wgsl`
@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = workgroupIndex(wid) * WORKGROUP_SIZE + lane;
  if (i < uniforms.size) { y[i] = uniforms.value; }
}
`,
  reference(_, { value }, { y }) {
    y.fill(value);
  },
});
