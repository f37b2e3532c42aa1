/** Kernels that move numbers without computing: copies by strides, concatenation, parts by index. */
import { axisDigits, digitLoop, elementLoop } from '../element-loop.ts';
import { defineKernel, type Kernel, type Scalar } from '../kernel.ts';
import { addTo, closeSum, hiddenZero, openSum } from '../math/math-sum.ts';
import { wgsl } from '../wgsl.ts';

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
  return defineKernel<string, string, string>({
    name: 'strided-copy',
    inputs: { x: 'word' },
    outputs: { y: 'word' },
    uniforms,
    code: elementLoop({
      size: 'uniforms.size',
      ...axisDigits(rank),
      body: `y[i] = x[${['uniforms.start', ...axes.map((axis) => `p${axis} * uniforms.s${axis}`)].join(' + ')}];`,
    }),
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

/** Where the adapter allows so many storage buffers, and one more for the output; WebGPU promises 8. */
export const MAX_CONCAT_INPUTS = 15;

/**
 * Copies inputs into places of one buffer that exists already. Input k fills a `rows` × `width_k` block
 * that begins at `start_k` and whose rows are `pitch` apart; `rows` = 1 copies it in one piece.
 */
export function concatInto(count: number): Kernel {
  const inputs = [...Array(count).keys()].map((k) => `x${k}`);
  const uniforms: Record<string, Scalar> = { rows: 'u32', pitch: 'u32' };
  for (const k of inputs.keys()) {
    uniforms[`width${k}`] = 'u32';
    uniforms[`start${k}`] = 'u32';
  }
  const copy = (name: string, k: number) => `
  if (wid.z == ${k}u) {
    ${digitLoop(
      {
        from: 'wid.x * WORKGROUP_SIZE + lane',
        to: `uniforms.rows * uniforms.width${k}`,
        by: 'groups.x * WORKGROUP_SIZE',
      },
      {
        digits: { column: `uniforms.width${k}` },
        rest: 'row',
        body: `y[uniforms.start${k} + row * uniforms.pitch + column] = ${name}[i];`,
      },
    )}
  }`;
  return defineKernel<string, string, string>({
    name: 'concat',
    inputs: Object.fromEntries(inputs.map((name) => [name, 'word'])),
    outputs: { y: 'word' },
    inout: ['y'],
    uniforms,
    code: wgsl`
@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) wid: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  // Dispatched as (workgroups that share an input, 1, inputs).${inputs.map(copy).join('')}
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

/**
 * y[o, j, i] = x[o, index[j], i]: x is (outer, length, inner), y is (outer, count, inner). An index of `length` or more
 * reads the last.
 */
export const gather: Kernel<'x' | 'index', 'y', 'size' | 'length' | 'count' | 'inner'> = defineKernel({
  name: 'gather',
  inputs: { x: 'word', index: 'u32' },
  outputs: { y: 'word' },
  uniforms: { size: 'u32', length: 'u32', count: 'u32', inner: 'u32' },
  code: elementLoop({
    size: 'uniforms.size',
    digits: { within: 'uniforms.inner', row: 'uniforms.count' },
    rest: 'outer',
    body: wgsl`let place = min(index[row], uniforms.length - 1u);
    y[i] = x[(outer * uniforms.length + place) * uniforms.inner + within];`,
  }),
  reference({ x, index }, { length, count, inner }, { y }) {
    for (let i = 0; i < y.length; i++) {
      const line = Math.floor(i / inner);
      const place = Math.min(index[line % count]!, length - 1);
      y[i] = x[(Math.floor(line / count) * length + place) * inner + (i % inner)]!;
    }
  },
});

/**
 * y[o, index[j], i] += x[o, j, i], every y in the order of j: the adjoint of `gather`, without atomics. An index of
 * `length` or more adds to the last. Each y reads the whole index.
 */
export const scatter: Kernel<'x' | 'index', 'y', 'size' | 'length' | 'count' | 'inner'> = defineKernel({
  name: 'scatter',
  inputs: { x: 'f32', index: 'u32' },
  outputs: { y: 'f32' },
  uniforms: { size: 'u32', length: 'u32', count: 'u32', inner: 'u32' },
  code: elementLoop({
    size: 'uniforms.size',
    digits: { within: 'uniforms.inner', place: 'uniforms.length' },
    rest: 'outer',
    setup: hiddenZero('size'),
    body: wgsl`let start = outer * uniforms.count * uniforms.inner + within;
    ${openSum('sum')}
    for (var j = 0u; j < uniforms.count; j++) {
      if (min(index[j], uniforms.length - 1u) == place) ${addTo('sum', 'x[start + j * uniforms.inner]')}
    }
    y[i] = ${closeSum('sum')};`,
  }),
  reference({ x, index }, { length, count, inner }, { y }) {
    y.fill(0);
    for (const [i, value] of x.entries()) {
      const line = Math.floor(i / inner);
      const place = Math.min(index[line % count]!, length - 1);
      y[(Math.floor(line / count) * length + place) * inner + (i % inner)]! += value;
    }
  },
});

/** Every element of y is `value`. */
/* @__NO_SIDE_EFFECTS__ */
function fillOf(type: Scalar): Kernel<never, 'y', 'size' | 'value'> {
  return defineKernel({
    name: 'fill',
    inputs: [],
    outputs: { y: type },
    uniforms: { size: 'u32', value: type },
    code: elementLoop({ size: 'uniforms.size', body: 'y[i] = uniforms.value;' }),
    reference(_, { value }, { y }) {
      y.fill(value);
    },
  });
}
export const fill: ReturnType<typeof fillOf> = fillOf('f32');
export const fillIntegers: ReturnType<typeof fillOf> = fillOf('u32');
