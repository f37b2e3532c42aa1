/**
 * The squared norm of the gradients, which clipping scales by and the guard tests. For clipping it is added up as by the ordinary
 * kernel, whose bits it then has. The guard alone needs only know whether it overflows, for which a sum in any order will do: the two
 * could disagree on a norm within a hundred-thousandth of the largest one, 1.8e19.
 */
import { addTo, closeSum, hiddenZero, openSum } from '../math/math-sum.ts';
import { PADDING } from '../training/optimizer.ts';
import { NORM_COLUMNS } from '../training/squared-norm.ts';
import { type Lanes, type SmallTraining } from './description.ts';
import { overLanes } from './lanes.ts';
import { eachVector, type Vectors } from './vectors.ts';

/**
 * WGSL of `ordinaryNorm`: of the gradients as they lie in the optimiser's rows, where `homes` says for each number of a row which
 * lane of which vector has it. All lanes do the same. Slow: 704 numbers cost as much as a third of a step.
 */
export function normFunction(lanes: Lanes): string {
  return `
var<private> squares: array<f32, ${NORM_COLUMNS}>;

fn ordinaryNorm(lane: u32) -> f32 {
  ${hiddenZero('batch')}
  for (var column = 0u; column < ${NORM_COLUMNS}u + nought_; column++) {
    ${openSum('sum_')}
    for (var i = column; i * 4u < uniforms.pitch; i += ${NORM_COLUMNS}u) {
      var even = 0.0;
      var four = 0.0;
      // One after another, for each is a long text: x² + y², and to that z² + w².
      for (var q = 0u; q < 4u + nought_; q++) {
        let home = work[uniforms.homes + 4u * i + q];
        let isOwn = home % ${lanes}u == lane && home != ${PADDING}u;
        var bits = select(0u, bitcast<u32>(G[min(home, uniforms.numbers - 1u) / ${lanes}u]), isOwn);
        ${overLanes('bits', '|', lanes)}
        let g = bitcast<f32>(bits);
        if ((q & 1u) == 0u) { even = seal_(g * g, nought_); }
        else { four += seal_(even + g * g, nought_); }
      }
      ${addTo('sum_', 'seal_(four, nought_)')}
    }
    squares[column] = ${closeSum('sum_')};
  }
  for (var i = 0u; i < ${NORM_COLUMNS / 4}u + nought_; i++) {
    ${openSum('sum_', 'squares[i]')}
    for (var q = 1u; q < 4u + nought_; q++) ${addTo('sum_', `squares[i + q * ${NORM_COLUMNS / 4}u]`)}
    squares[i] = ${closeSum('sum_')};
  }
  for (var half = ${NORM_COLUMNS / 8}u; half > 0u; half >>= 1u) {
    for (var i = 0u; i < half; i++) { squares[i] += squares[i + half]; }
  }
  return squares[0];
}
`;
}

/** WGSL statements that leave the squared norm in `norm`. */
export function normOf({ isClipped, lanes }: SmallTraining, vectors: Vectors): string {
  if (isClipped) return 'let norm = ordinaryNorm(lane);';
  return `var norm = 0.0;
  ${eachVector(vectors, true, (k) => `norm += G[${k}] * G[${k}];`)}
  ${overLanes('norm', '+', lanes)}`;
}
