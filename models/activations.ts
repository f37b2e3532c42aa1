/** The activations that a network's layers may have, by name; what computes them is in layers.ts. */
export const activations = [
  'tanh',
  'relu',
  'gelu',
  'sigmoid',
  'softplus',
  'silu',
  'hardSwish',
  'leakyRelu',
  'elu',
  'identity',
] as const;

export type Activation = (typeof activations)[number];
