/** The parameters of a loss: those given, or their defaults, as operands of its meaning and as uniforms of its kernel. */
import { inWords } from '../engine/borders.ts';
import type { Backend } from '../engine/backend.ts';
import { constant } from '../engine/ops/fill.ts';
import { sub } from '../engine/ops/pointwise/elementwise.ts';
import { stepValue } from '../engine/ops/step-value.ts';
import type { StepSlot } from '../engine/step.ts';
import type { Tensor } from '../engine/tensor.ts';
import { restName } from '../kernels/training/fused-loss.ts';

/** Numbers, or slots of the step buffer, by name. */
export type ParameterValues<P extends string = string> = Readonly<Record<P, number | StepSlot>>;

/** What is given, and the defaults of the rest. @throws on an unknown name, and on a number that `check` or float32 refuses. */
export function chosenParameters<P extends string>(
  name: string,
  defaults: Readonly<Record<P, number>>,
  chosen: Partial<Record<P, number | StepSlot>>,
  check?: (numbers: Readonly<Record<P, number>>) => void,
): ParameterValues<P> {
  if (chosen === null || typeof chosen !== 'object')
    throw new Error(`${name}: parameters must be an object, got ${inWords(chosen)}`);
  const params = Object.keys(defaults) as P[];
  const unknown = Object.keys(chosen).find((key) => !params.includes(key as P));
  if (unknown)
    throw new Error(`${name}: unknown parameter '${unknown}'; it has ${params.join(', ') || 'none'}`);
  const values: Record<P, number | StepSlot> = { ...defaults };
  const numbers: Record<P, number> = { ...defaults };
  for (const key of params) {
    // One that is given as undefined was left out.
    const value = chosen[key] ?? defaults[key];
    values[key] = value;
    if (typeof value === 'number') numbers[key] = value;
  }
  check?.(numbers);
  const wrong = params.find((key) => !Number.isFinite(numbers[key]));
  if (wrong) throw new Error(`${name}: ${wrong} must be a finite number, got ${numbers[wrong]}`);
  return values;
}

/** Parameters as scalar tensors, and 1 minus each of `rests`. */
export function operandsOf<P extends string>(
  values: ParameterValues<P>,
  rests: readonly P[],
  backend: Backend,
): Record<P | `${P}Rest`, Tensor> {
  const operand = (value: number | StepSlot) =>
    typeof value === 'number' ? constant(value, backend) : stepValue(value, backend);
  const given = (Object.keys(values) as P[]).map((key) => [key, operand(values[key])]);
  const complements = rests.map((key) => {
    const value = values[key];
    return [restName(key), typeof value === 'number' ? constant(1 - value, backend) : sub(1, operand(value))];
  });
  return Object.fromEntries([...given, ...complements]) as Record<P | `${P}Rest`, Tensor>;
}

/** The same as uniforms: numbers, or numbers of slots. */
export function uniformsOf(values: ParameterValues, rests: readonly string[]): Record<string, number> {
  const uniforms: Record<string, number> = {};
  for (const [key, value] of Object.entries(values))
    uniforms[key] = typeof value === 'number' ? value : value.index;
  for (const key of rests) {
    const value = values[key]!;
    uniforms[restName(key)] = typeof value === 'number' ? 1 - value : value.index;
  }
  return uniforms;
}
