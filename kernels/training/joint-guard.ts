/** One guard for several optimisers: a gradient of any that is not finite stops all, before any has moved. */
import { getOrMake } from '../get-or-make.ts';
import { defineKernel, type Kernel, type Scalar } from '../kernel.ts';
import { wgsl } from '../wgsl.ts';

/** With the latch that makes 8 buffers. */
export const MOST_NORMS = 7;

const kernels = new Map<number, Kernel>();

/**
 * For each of `models`: if one of its squared norms counts as not finite (`bound0`, … are the `normBound` of
 * `optimizer.ts`), or it has stopped before, its latch has the step's number or keeps its own, and all norms are infinite.
 */
export function jointGuard(count: number): Kernel {
  return getOrMake(kernels, count, () => guardOf([...Array(count).keys()]));
}

function guardOf(of: readonly number[]): Kernel {
  const names = of.map((k) => `norm${k}`);
  const outputs = ['latch', ...names];
  const uniforms: Record<string, Scalar> = { models: 'u32' };
  for (const k of of) uniforms[`bound${k}`] = 'u32';
  return defineKernel<string, string, string>({
    name: 'joint-guard',
    inputs: {},
    outputs: Object.fromEntries(outputs.map((name) => [name, name === 'latch' ? 'u32' : 'f32Bits'] as const)),
    inout: outputs,
    uniforms,
    readsStep: true,
    code: wgsl`
@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let model = wid.x * WORKGROUP_SIZE + lane;
  if (model >= uniforms.models) { return; }
  var isBad = latch[model] != 0u;
  ${names.map((name, k) => `isBad = isBad || (${name}[model] & 0x7f800000u) >= uniforms.bound${k};`).join('\n  ')}
  if (isBad) {
    if (latch[model] == 0u) { latch[model] = step.number; }
    ${names.map((name) => `${name}[model] = 0x7f800000u;`).join('\n    ')}
  }
}
`,
    reference(_, { models }, { latch, ...norms }, step) {
      for (let model = 0; model < models!; model++) {
        const isFinite = names.every((name) => Number.isFinite(norms[name]![model]!));
        if (isFinite && latch![model] === 0) continue;
        latch![model] ||= step.number;
        for (const name of names) norms[name]![model] = Infinity;
      }
    },
  });
}
