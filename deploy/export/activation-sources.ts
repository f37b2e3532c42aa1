/** Activations as JavaScript for files that stand alone: an arrow function each, and what it needs. At -∞ they have their limits. */
import type { Activation } from '../../models/layers.ts';

export const activationSources: Readonly<Record<Activation, string>> = {
  identity: 'const activation = (x) => x;',
  tanh: 'const activation = Math.tanh;',
  relu: 'const activation = (x) => Math.max(x, 0);',
  sigmoid: 'const activation = (x) => 1 / (1 + Math.exp(-x));',
  softplus: 'const activation = (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));',
  silu: 'const activation = (x) => Math.max(x, -1e18) / (1 + Math.exp(-x));',
  hardSwish: 'const activation = (x) => (Math.max(x, -3) * Math.min(Math.max(x + 3, 0), 6)) / 6;',
  leakyRelu: 'const activation = (x) => (x > 0 ? x : 0.01 * x);',
  elu: 'const activation = (x) => (x > 0 ? x : Math.expm1(x));',
  gelu: `/** x Φ(x) with the normal distribution Φ: a series near 0, a continued fraction further out. */
function activation(x) {
  const z = Math.abs(x) / Math.SQRT2;
  let tail; // Φ(-|x|)
  if (z < 2) {
    let term = z;
    let sum = z;
    for (let n = 1; n < 60; n++) sum += term *= (2 * z * z) / (2 * n + 1);
    tail = 0.5 - (Math.exp(-z * z) * sum) / Math.sqrt(Math.PI);
  } else {
    let fraction = z;
    for (let n = 120; n > 0; n--) fraction = z + n / 2 / fraction;
    tail = Math.exp(-z * z) / (2 * Math.sqrt(Math.PI) * fraction);
  }
  return Math.max(x, -1e18) * (x < 0 ? tail : 1 - tail);
}`,
};
