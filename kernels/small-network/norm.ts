/**
 * The squared norm of the gradients, which clipping scales by and the guard tests. A sum in any order tells that it is far from
 * overflowing; where it may not be, and for clipping, it is added up as by the ordinary kernel, whose bits it then has.
 */
import { addTo, closeSum, hiddenZero, openSum } from '../math/math-sum.ts';
import { NORM_COLUMNS } from '../training/squared-norm.ts';
import { type Lanes, type SmallTraining } from './description.ts';
import { overLanes } from './lanes.ts';
import { eachVector, type Vectors } from './vectors.ts';

/** Of a sum in any order, and of what it is tested against: an exponent less than overflow, for what rounding may add. */
const NEAR = 1 << 23;

/**
 * WGSL of `ordinaryNorm`: of the gradients as they lie in the optimiser's rows, where `homes` says for each number of a row which
 * lane of which vector has it. All lanes do the same. Slow: 704 numbers cost as much as a third of a step.
 */
export function normFunction(lanes: Lanes): string {
  return `
var<private> squares: array<f32, ${NORM_COLUMNS}>;

@diagnostic(off, subgroup_uniformity)
fn squareAt(at: u32) -> f32 {
  let home = work[uniforms.homes + at];
  let g = select(subgroupShuffle(G[min(home, uniforms.numbers - 1u) / ${lanes}u], home % ${lanes}u), 0.0, home == 0xffffffffu);
  return g * g;
}

@diagnostic(off, subgroup_uniformity)
fn ordinaryNorm() -> f32 {
  ${hiddenZero('batch')}
  for (var column = 0u; column < ${NORM_COLUMNS}u + nought_; column++) {
    ${openSum('sum_')}
    for (var i = column; i * 4u < uniforms.pitch; i += ${NORM_COLUMNS}u) {
      let x = squareAt(4u * i);
      let y = squareAt(4u * i + 1u);
      let z = squareAt(4u * i + 2u);
      let w = squareAt(4u * i + 3u);
      ${addTo('sum_', 'seal_(seal_(x + y, nought_) + seal_(z + w, nought_), nought_)')}
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
export function normOf({ isClipped, lanes }: SmallTraining, vectors: Vectors, isLoop: boolean): string {
  if (isClipped) return 'let norm = ordinaryNorm();';
  return `var norm = 0.0;
  ${eachVector(vectors, isLoop, (k) => `norm += G[${k}] * G[${k}];`)}
  ${overLanes('norm', '+', lanes)}
  if ((bitcast<u32>(norm) & 0x7f800000u) >= uniforms.normBound - ${NEAR}u) { norm = ordinaryNorm(); }`;
}
