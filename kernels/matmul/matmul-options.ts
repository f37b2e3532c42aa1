/** What every matmul kernel may be asked for besides the product. */

/** Activations that a matmul applies to its result; each has a derivative that its output alone gives. */
export const fusedActivations = {
  identity: { wgsl: 'v', js: (v: number) => v },
  relu: { wgsl: 'relu_(v)', js: (v: number) => Math.max(v, 0) },
  tanh: { wgsl: 'tanh_(v)', js: Math.tanh },
  sigmoid: { wgsl: 'sigmoid_(v)', js: (v: number) => 1 / (1 + Math.exp(-v)) },
} as const;

export type FusedActivation = keyof typeof fusedActivations;

export interface MatmulOptions {
  /** a is (k, m) instead of (m, k). */
  transposeA: boolean;
  /** b is (n, k) instead of (k, n). */
  transposeB: boolean;
  hasBias: boolean;
  activation: FusedActivation;
  /** After that y is added to `addend`, which has its shape. */
  hasAddend?: boolean;
  /** At last y is taken, as a cotangent, back through an activation whose output is `gate`, of y's shape. */
  gate?: FusedActivation | undefined;
  /** Also writes `columnSum`, b summed over k, (batch, n): the bias gradient beside the weight gradient. */
  hasColumnSum?: boolean;
}

/** The options in words that tell any two apart. */
export function optionsName({
  transposeA,
  transposeB,
  hasBias,
  activation,
  hasColumnSum = false,
  hasAddend = false,
  gate,
}: MatmulOptions): string {
  const asked = [hasColumnSum, hasAddend && 'add', gate && `${gate}Grad`].filter(Boolean);
  return [transposeA, transposeB, hasBias, activation, ...asked].join(' ');
}
