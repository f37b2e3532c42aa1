/** Softmax and its logarithm along an axis: an invocation a row, or a workgroup for a long one. */
import { defineKernel, type Kernel } from '../kernel.ts';
import { closeSum, hiddenZero, openSum } from '../math/math-sum.ts';
import {
  openWalk,
  walk,
  walkReference,
  walkSums,
  walkUniforms,
  type WalkUniforms,
  walkWorkgroupSize,
  workgroupTotal,
} from './reduce-plan.ts';
import { wgsl } from '../wgsl.ts';

/**
 * y = exp(x - c) / Σ exp(x - c) for any c, and the largest x keeps exp from overflowing. A row is what a `Layout` of
 * one piece reduces; y has the places of x.
 */
export function softmaxKernel({ isLog, isShared }: { isLog: boolean; isShared: boolean }): Kernel {
  const total = isShared ? `total(lane, ${closeSum('sum')})` : closeSum('sum');
  return defineKernel<string, string, string>({
    name: isLog ? 'log-softmax' : 'softmax',
    inputs: ['x'],
    outputs: ['y'],
    uniforms: walkUniforms,
    workgroupSize: walkWorkgroupSize(isShared),
    code: wgsl`
#if ${isShared}
${workgroupTotal('largestOf', (a, b) => `max(${a}, ${b})`)}
${workgroupTotal('total', 'add')}
#endif
${openWalk(isShared, { isWhole: true })}
  var c = x[firstOfPiece];
  ${walk(isShared, 'c = max(c, x[at]);')}
  #if ${isShared}
  c = largestOf(lane, c);
  #endif
  ${hiddenZero('count')}
  ${openSum('sum')}
  ${walkSums(isShared, { sum: 'e' }, { setup: `let e = exp_(x[at] - c); ${isLog ? '' : 'y[at] = e;'}` })}
  #if ${isLog}
  let shift = log_(${total});
  #else
  let scale = 1.0 / ${total};
  #endif
  ${walk(isShared, isLog ? 'y[at] = x[at] - c - shift;' : 'y[at] *= scale;')}
}
`,
    reference({ x }, given, { y }) {
      walkReference(given as WalkUniforms, (_, _output, places) => {
        const c = places.reduce((largest, at) => Math.max(largest, x![at]!), -Infinity);
        let sum = 0;
        for (const at of places) sum += Math.exp(x![at]! - c);
        for (const at of places) {
          const shifted = x![at]! - c;
          y![at] = isLog ? shifted - Math.log(sum) : Math.exp(shifted) / sum;
        }
      });
    },
  });
}
