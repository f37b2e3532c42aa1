/** Moving averages of weights: what a training ends with wanders less than the weights themselves. */
import { elementLoop } from '../element-loop.ts';
import { defineKernel, type Kernel } from '../kernel.ts';
import { hiddenZero } from '../math/math-sum.ts';
import { wgsl } from '../wgsl.ts';
import { PADDING } from './optimizer.ts';

/** As the moments of optimisers: what lies below becomes 0, before it is subnormal. */
const TINY = 2 ** -100;

/**
 * average += share · (parameter - average), with `share` from the step buffer; for the numbers that `elements` names (see
 * `optimizer.ts`), unless their model's `latch` says that it has stopped.
 */
export const weightAverage: Kernel<'parameters' | 'elements' | 'latch', 'average', 'size' | 'share'> =
  defineKernel({
    name: 'weight-average',
    inputs: { parameters: 'f32', elements: 'u32', latch: 'u32' },
    outputs: { average: 'f32' },
    inout: ['average'],
    uniforms: { size: 'u32', share: 'u32' },
    readsStep: true,
    code: wgsl`
${elementLoop({
  size: 'uniforms.size',
  setup: `let share = stepValue(uniforms.share);
  ${hiddenZero('size')}`,
  body: `if (elements[2u * i] != ${PADDING}u && latch[elements[2u * i + 1u]] == 0u) {
      let old = average[i];
      let value = old + seal_(share * (parameters[i] - old), nought_);
      average[i] = select(value, 0.0, abs(value) < ${TINY});
    }`,
})}
`,
    reference({ parameters, elements, latch }, { size, share }, { average }, { values }) {
      for (let i = 0; i < size; i++) {
        if (elements[2 * i] === PADDING || latch[elements[2 * i + 1]!] !== 0) continue;
        const value = average[i]! + values[share]! * (parameters[i]! - average[i]!);
        average[i] = Math.abs(value) < TINY ? 0 : value;
      }
    },
  });
