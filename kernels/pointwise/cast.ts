/** Numbers from one type to the other, by integers alone where WGSL leaves a choice to drivers. */
import { elementLoop } from '../element-loop.ts';
import { defineKernel, type Kernel } from '../kernel.ts';
import { wgsl } from '../wgsl.ts';

/** Cut towards 0, and into 0 to 2^32 - 1; NaN is 0. Of NaN and what does not fit, u32() of WGSL promises nothing everywhere. */
export const toIntegers: Kernel<'x', 'y', 'size'> = defineKernel({
  name: 'cast',
  inputs: { x: 'f32Bits' },
  outputs: { y: 'u32' },
  uniforms: { size: 'u32' },
  code: wgsl`
fn integerOf(bits: u32) -> u32 {
  let exponent = (bits >> 23u) & 255u;
  let digits = (bits & 0x7fffffu) | 0x800000u;
  // The number is digits · 2^(exponent - 150).
  let down = digits >> (150u - clamp(exponent, 119u, 150u));
  let up = digits << (clamp(exponent, 150u, 158u) - 150u);
  var whole = select(down, up, exponent > 150u);
  whole = select(whole, 0xffffffffu, exponent > 158u);
  let isNothing = bits >= 0x80000000u || exponent < 127u || bits > 0x7f800000u;
  return select(whole, 0u, isNothing);
}

${elementLoop({ size: 'uniforms.size', body: 'y[i] = integerOf(x[i]);' })}`,
  reference({ x }, _, { y }) {
    for (const [i, value] of x.entries())
      y[i] = Number.isNaN(value) ? 0 : Math.min(Math.max(Math.trunc(value), 0), 2 ** 32 - 1);
  },
});

/** The nearest float: both halves are exact, and so is all but one addition. f32() of WGSL may round either way. */
export const toFloats: Kernel<'x', 'y', 'size'> = defineKernel({
  name: 'cast',
  inputs: { x: 'u32' },
  outputs: { y: 'f32' },
  uniforms: { size: 'u32' },
  code: elementLoop({
    size: 'uniforms.size',
    body: 'y[i] = f32(x[i] >> 16u) * 65536.0 + f32(x[i] & 65535u);',
  }),
  reference({ x }, _, { y }) {
    y.set(x);
  },
});
