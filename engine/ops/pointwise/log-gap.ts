/** What is left of t where log(1 + t) is taken away: the part of divergences that would cancel. */
import { logGap as js } from '../../../kernels/math/special.ts';
import { neg } from './elementwise.ts';
import { definePointwise, type Operand } from './pointwise.ts';
import type { Tensor } from '../../tensor.ts';

/** t - log(1 + t), at least 0, of t and `logarithm` = log(1 + t): it is right to a few ULP also where the two are nearly equal. */
export const logGap: (t: Operand, logarithm: Operand) => Tensor = /* @__PURE__ */ definePointwise({
  name: 'logGap',
  parameters: ['t', 'l'],
  wgsl: 'logGap_(t, l)',
  js,
  gradients: [(g) => g, (g) => neg(g)],
});
