/** Running statistics: exponential averages of what each batch brings, kept in place. */
import { defineKernel, type Kernel, type Scalar } from '../kernel.ts';
import { hiddenZero } from '../math/math-sum.ts';
import { wgsl } from '../wgsl.ts';

/** With `running` that makes 8 buffers. */
export const MAX_FRESH = 7;

/**
 * running[start_k + i] += weight_k · fresh_k[i] - momentum · running[start_k + i], for `count` tensors at once: what does not
 * change stays exactly. A fresh number that is not finite changes nothing. It is bound as u32 and its exponent bits are tested, because a WGSL compiler may
 * assume that no float is NaN or infinite.
 */
export function runningStatistics(count: number): Kernel {
  const inputs = [...Array(count).keys()].map((k) => `fresh${k}`);
  const uniforms: Record<string, Scalar> = { momentum: 'f32' };
  for (const k of inputs.keys()) {
    Object.assign(uniforms, { [`width${k}`]: 'u32', [`start${k}`]: 'u32', [`weight${k}`]: 'f32' });
  }
  const update = (name: string, k: number) => `
  if (k == ${k}u && i < uniforms.width${k}) {
    let at = uniforms.start${k} + i;
    let bits = ${name}[i];
    let change = bitcast<f32>(bits) * uniforms.weight${k} - running[at] * uniforms.momentum;
    if ((bits & 0x7f800000u) != 0x7f800000u) { running[at] += seal_(change, nought_); }
  }`;
  return defineKernel<string, string, string>({
    name: 'running-statistics',
    inputs: Object.fromEntries(inputs.map((name) => [name, 'f32Bits'] as const)),
    outputs: { running: 'f32' },
    inout: ['running'],
    uniforms,
    code: wgsl`
@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  // Dispatched as (workgroups of the widest tensor, tensors, 1).
  let k = wid.y;
  let i = wid.x * WORKGROUP_SIZE + lane;
  ${hiddenZero('width0')}${inputs.map(update).join('')}
}
`,
    reference(fresh, given, { running }) {
      for (const [k, name] of inputs.entries()) {
        const start = given[`start${k}`]!;
        for (const [i, value] of fresh[name]!.entries()) {
          if (!Number.isFinite(value)) continue;
          running![start + i]! += given[`weight${k}`]! * value - given.momentum! * running![start + i]!;
        }
      }
    },
  });
}
