/** The squared norm of flat gradients: what clipping scales by, and what the guard of the optimisers tests. */
import { defineKernel, type Kernel } from '../kernel.ts';
import { addTo, closeSum, hiddenZero, openSum } from '../math/math-sum.ts';
import { FEW_LANES, partialSums } from '../math/partial-sums.ts';
import { wgsl } from '../wgsl.ts';

/** The squares are added up in so many columns, and those in a tree. */
export const NORM_COLUMNS = 256;

/**
 * Σ x² of each flat buffer of `size` elements, by one workgroup in a fixed order; buffers along z. The padding is zero
 * and adds nothing. The result's bits are what the optimiser kernels test.
 */
export const squaredNorm: Kernel<'x', 'y', 'size'> = squaredNormBy(NORM_COLUMNS);
/** The same bits by few lanes, for software adapters. */
export const squaredNormFew: Kernel<'x', 'y', 'size'> = squaredNormBy(FEW_LANES);

/* @__NO_SIDE_EFFECTS__ */
function squaredNormBy(lanes: number): Kernel<'x', 'y', 'size'> {
  return defineKernel({
    name: 'squared-norm',
    inputs: { x: 'vec4f' },
    outputs: { y: 'f32' },
    uniforms: { size: 'u32' },
    workgroupSize: lanes,
    code: wgsl`
${partialSums(NORM_COLUMNS, lanes)}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let start = wid.z * (uniforms.size / 4u);  // a size is a multiple of 4
  ${hiddenZero('size')}
  for (var column = lane; column < ${NORM_COLUMNS}u; column += WORKGROUP_SIZE) {
    ${openSum('sum')}
    for (var i = column; i * 4u < uniforms.size; i += ${NORM_COLUMNS}u) {
      let v = x[start + i];
      ${addTo('sum', 'seal_(v.x * v.x + v.y * v.y, nought_) + seal_(v.z * v.z + v.w * v.w, nought_)')}
    }
    keepPartial(column, ${closeSum('sum')});
  }
  let total = sumOfPartials(lane);
  if (lane == 0u) { y[wid.z] = total; }
}
`,
    reference({ x }, { size }, { y }) {
      for (let model = 0; model < y.length; model++) {
        const part = x.subarray(model * size, (model + 1) * size);
        y[model] = part.reduce((sum, value) => sum + value * value, 0);
      }
    },
  });
}
