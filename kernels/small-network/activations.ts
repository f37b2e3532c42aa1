/** Activations of small networks: the functions of the ordinary kernels, and what their gradients are computed from. */
import { activationFunctions } from '../pointwise/activation-functions.ts';
import { fusedActivations } from '../matmul/matmul-options.ts';

interface SmallActivationText {
  /** WGSL of x. */
  readonly value: string;
  /** WGSL of the cotangent a and of b: the activation's output, or its input. */
  readonly gradient: string;
  readonly gradientOf: 'output' | 'input';
}

const { unary, binary } = activationFunctions;

/** Of a layer that a matmul finishes: the matmul's own text. */
function fused(name: keyof typeof fusedActivations, gradient: string): SmallActivationText {
  return { value: fusedActivations[name].wgsl.replace(/\bv\b/g, 'x'), gradient, gradientOf: 'output' };
}

/** Of a dispatch of its own. */
function separate({ wgsl: value }: { wgsl: string }, { wgsl }: { wgsl: string }): SmallActivationText {
  return { value, gradient: wgsl, gradientOf: 'input' };
}

export const smallActivations = {
  identity: fused('identity', 'a'),
  relu: fused('relu', binary.reluGrad.wgsl),
  tanh: fused('tanh', binary.tanhGrad.wgsl),
  sigmoid: fused('sigmoid', binary.sigmoidGrad.wgsl),
  gelu: separate(unary.gelu, binary.geluGrad),
  silu: separate(unary.silu, binary.siluGrad),
} as const satisfies Record<string, SmallActivationText>;

export type SmallActivation = keyof typeof smallActivations;

/** WGSL of `activate0(x)` and `ungate0(a, b)` for each layer. */
export function activationSource(names: readonly SmallActivation[]): string {
  return names
    .map((name, d) => {
      const { value, gradient } = smallActivations[name];
      return `fn activate${d}(x: f32) -> f32 { return ${value}; }
fn ungate${d}(a: f32, b: f32) -> f32 { return ${gradient}; }`;
    })
    .join('\n');
}
