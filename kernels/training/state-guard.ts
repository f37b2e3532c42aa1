/**
 * The guard of what an optimiser has: weights and moments that are not finite, as from a file of a training that broke. An
 * update would hand NaN on, or make a number of it. So the step's number is latched, and the update that follows is skipped.
 */
import { getOrMake } from '../get-or-make.ts';
import { defineKernel, type Kernel } from '../kernel.ts';
import { PADDING } from './optimizer.ts';
import { wgsl } from '../wgsl.ts';

const kernels = new Map<string, Kernel>();

/** For the buffers of one model, or of several, with the table `elements` of the update kernels. */
export function stateGuard(moments: readonly string[], hasMany: boolean): Kernel {
  return getOrMake(kernels, `${moments.join()} ${hasMany}`, () => guardOf(moments, hasMany));
}

function guardOf(moments: readonly string[], hasMany: boolean): Kernel {
  const type = hasMany ? 'f32' : 'vec4f';
  const inputs = Object.fromEntries(['parameters', ...moments].map((name) => [name, type] as const));
  const worst = (at: string) =>
    moments.reduce((text, name) => `max(${text}, magnitude(${name}[${at}]))`, 'magnitude(parameters[i])');
  const latching = (model: string) => `if (latch[${model}] == 0u) { latch[${model}] = step.number; }`;
  const bits = hasMany ? 'u32' : 'vec4u';
  return defineKernel<string, string, string>({
    name: 'state-guard',
    inputs: { ...inputs, ...(hasMany ? { elements: 'u32' as const } : {}) },
    outputs: { latch: 'u32' },
    inout: ['latch'],
    uniforms: { size: 'u32' },
    readsStep: true,
    code: wgsl`
// By bits: a compiler may assume that no float is NaN or infinite.
fn magnitude(x: ${type}) -> ${bits} { return bitcast<${bits}>(x) & ${bits}(0x7fffffffu); }

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  #if ${hasMany}
  let part = partOf(wid, groups, uniforms.size);
  for (var i = part.x + lane; i < part.y; i += WORKGROUP_SIZE) {
    let at = elements[2u * i];
    if (at != ${PADDING}u) {
      let model = elements[2u * i + 1u];
      // Lanes that meet here write the same.
      if (${worst('at')} >= 0x7f800000u) { ${latching('model')} }
    }
  }
  #else
  let part = partOf(wid, groups, uniforms.size / 4u);
  var worst = vec4u();
  for (var i = part.x + lane; i < part.y; i += WORKGROUP_SIZE) { worst = max(worst, ${worst('i')}); }
  if (any(worst >= vec4u(0x7f800000u))) { ${latching('0')} }
  #endif
}
`,
    reference({ parameters, elements, ...state }, { size }, { latch }, step) {
      for (let place = 0; place < size!; place++) {
        const at = elements ? elements[2 * place]! : place;
        if (at === PADDING) continue;
        const values = [parameters![place]!, ...moments.map((name) => state[name]![at]!)];
        const model = elements ? elements[2 * place + 1]! : 0;
        if (!values.every(Number.isFinite) && latch![model] === 0) latch![model] = step.number;
      }
    },
  });
}
