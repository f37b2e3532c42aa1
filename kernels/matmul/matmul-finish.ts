/** What a matmul does with a sum before it stores it: bias, activation, an addend, the gradient of another activation. */
import { activationFunctions } from '../pointwise/activation-functions.ts';
import type { FunctionEntry } from '../pointwise/elementwise.ts';
import type { Element } from '../kernel.ts';
import { type FusedActivation, fusedActivations, type MatmulOptions } from './matmul-options.ts';

/** Of a cotangent a and the activation's output b. */
const gradients: Readonly<Record<FusedActivation, FunctionEntry>> = {
  identity: { wgsl: 'a', js: (a) => a! },
  relu: activationFunctions.binary.reluGrad,
  tanh: activationFunctions.binary.tanhGrad,
  sigmoid: activationFunctions.binary.sigmoidGrad,
};

/** The inputs that it reads, each in the layout of y. */
export function finishInputs({ hasAddend, gate }: MatmulOptions, element: Element): Record<string, Element> {
  return { ...(hasAddend ? { addend: element } : {}), ...(gate ? { gate: element } : {}) };
}

/** WGSL of the functions that `storeSource` calls. */
export function finishFunctions({ activation, gate }: MatmulOptions): string {
  const ungate = gate && `fn ungate(a: f32, b: f32) -> f32 { return ${gradients[gate].wgsl}; }`;
  return [`fn activate(v: f32) -> f32 { return ${fusedActivations[activation].wgsl}; }`, ungate ?? ''].join(
    '\n',
  );
}

/** WGSL of what the activation makes of a sum with its bias. */
export function activated(sum: string): string {
  return `activate(${sum})`;
}

/** WGSL that stores activated sums at a place of y: one, or the four of a vec4. */
export function storeSource(
  activations: readonly string[],
  place: string,
  { hasAddend, gate }: MatmulOptions,
): string {
  const lane = (o: number) => (activations.length > 1 ? `.${'xyzw'[o]}` : '');
  const results = activations.map((activation, o) => {
    const y = `${activation}${hasAddend ? ` + more${lane(o)}` : ''}`;
    return gate ? `ungate(${y}, behind${lane(o)})` : y;
  });
  return [
    `let place = ${place};`,
    ...(hasAddend ? ['let more = addend[place];'] : []),
    ...(gate ? ['let behind = gate[place];'] : []),
    `y[place] = ${results.length > 1 ? `vec4f(${results.join(', ')})` : results[0]};`,
  ].join(' ');
}

/** The same in JavaScript, of one sum. */
export function finish(
  sum: number,
  place: number,
  { activation, gate }: MatmulOptions,
  inputs: Readonly<Record<string, ArrayLike<number> | undefined>>,
): number {
  let y = fusedActivations[activation].js(sum);
  if (inputs.addend) y += inputs.addend[place]!;
  return gate ? gradients[gate].js(y, inputs.gate![place]!) : y;
}
