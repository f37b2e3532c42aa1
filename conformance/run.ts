/** Runs one case on a backend and holds the result against what is expected. */
import { sameShape, show } from '../engine/shape.ts';
import { type Backend, DeviceLostError, full, type Tensor, tensor, tidy, type Values } from '../index.ts';
import { argumentsOf } from './arguments.ts';
import { type Operand, operatorsOf, type TestCase, type Tolerance, valueAt } from './graph.ts';
import { operators, outOfScope } from './operators.ts';
import { ulpOf } from './tolerance.ts';
import { absoluteDifference, ulpDistance } from './ulp.ts';

/** The element that is furthest from what is expected. */
export interface Worst {
  output: string;
  index: number;
  got: number;
  expected: number;
  ulp: number;
  /** What is compared with the tolerance: the ULP, or the absolute difference. */
  distance: number;
}

interface Outcome {
  name: string;
  file: string;
  op: string;
}

export interface Passed extends Outcome {
  kind: 'passed';
  tolerance: Tolerance;
  /** Whether the tolerance is from WebNN's rule, since the file gives none. */
  isDerived: boolean;
  worst?: Worst;
}

export interface Failed extends Outcome {
  kind: 'failed';
  tolerance?: Tolerance;
  worst?: Worst;
  /** Where no number is to blame. */
  reason?: string;
}

export interface NotApplicable extends Outcome {
  kind: 'not applicable';
  reason: string;
}

export type Result = Passed | Failed | NotApplicable;

/** Never throws, unless the device is lost: what goes wrong in a case is its failure. */
export async function runCase(testCase: TestCase, backend: Backend): Promise<Result> {
  const { name, file, graph } = testCase;
  const about = { name, file, op: operatorsOf(testCase) };
  const reason = whyNotApplicable(testCase);
  if (reason !== undefined) return { ...about, kind: 'not applicable', reason };
  try {
    const { outputs, ulp } = tidy(() => compute(testCase, backend));
    try {
      const isDerived = 'error' in testCase.tolerance;
      const tolerance = toleranceOf(testCase, ulp);
      if (!tolerance) return { ...about, kind: 'failed', reason: 'no tolerance is given, and none is known' };
      let worst: Worst | undefined;
      for (const [output, expected] of Object.entries(graph.expectedOutputs)) {
        const y = outputs[output]!;
        const { shape } = expected.descriptor;
        if (!sameShape(y.shape, shape)) {
          return {
            ...about,
            kind: 'failed',
            reason: `${output}: shape ${show(y.shape)}, expected ${show(shape)}`,
          };
        }
        worst = worstOf(output, await y.data(), expected, tolerance, worst);
      }
      if (worst && !(worst.distance <= tolerance.value))
        return { ...about, kind: 'failed', tolerance, worst };
      return { ...about, kind: 'passed', tolerance, isDerived, worst };
    } finally {
      for (const y of Object.values(outputs)) y.dispose();
    }
  } catch (error) {
    if (error instanceof DeviceLostError) throw error;
    return { ...about, kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}

function whyNotApplicable({ graph }: TestCase): string | undefined {
  for (const { name } of graph.operators) {
    if (Object.hasOwn(outOfScope, name)) return `${name} is out of scope: ${outOfScope[name]}`;
  }
  const types = Object.values({ ...graph.inputs, ...graph.expectedOutputs }).map(
    ({ descriptor }) => descriptor.dataType,
  );
  const other = types.find((type) => type !== 'float32');
  return other && `${other} is out of scope: the engine computes with float32`;
}

/** The outputs that are expected; and, where the operators have rules, the ULP that their graph is allowed. */
function compute({ graph }: TestCase, backend: Backend) {
  const operands = new Map<string, Tensor>();
  let ulp: number | undefined = 0;
  for (const [name, operand] of Object.entries(graph.inputs)) operands.set(name, tensorOf(operand, backend));
  for (const operator of graph.operators) {
    if (!Object.hasOwn(operators, operator.name)) throw new Error(`unknown operator '${operator.name}'`);
    const args = argumentsOf(operator, operands);
    const results = [operators[operator.name]!(args)].flat();
    args.finish();
    for (const [i, name] of [operator.outputs].flat().entries()) operands.set(name, results[i]!);
    const more = ulpOf(operator.name, args);
    ulp = ulp === undefined || more === undefined ? undefined : ulp + more;
  }
  const outputs: Record<string, Tensor> = {};
  for (const name of Object.keys(graph.expectedOutputs)) {
    const y = operands.get(name);
    if (!y) throw new Error(`no operator gives the output '${name}'`);
    outputs[name] = y;
  }
  return { outputs, ulp };
}

function tensorOf({ data, descriptor: { shape } }: Operand, backend: Backend): Tensor {
  if (typeof data === 'number') return full(shape, data, backend);
  // JSON has no infinities: the vectors write them as text.
  return tensor(data.map(Number), shape, backend);
}

function toleranceOf({ tolerance }: TestCase, derived: number | undefined): Tolerance | undefined {
  if (!('error' in tolerance)) return tolerance;
  return derived === undefined ? undefined : { metricType: 'ULP', value: derived };
}

function worstOf(
  output: string,
  got: Values,
  expected: Operand,
  { metricType }: Tolerance,
  worst: Worst | undefined,
): Worst | undefined {
  const distanceOf = metricType === 'ULP' ? ulpDistance : absoluteDifference;
  for (let index = 0; index < got.length; index++) {
    const [value, wanted] = [got[index]!, valueAt(expected, index)];
    const distance = distanceOf(value, wanted);
    if (worst && !(distance > worst.distance)) continue;
    worst = { output, index, got: value, expected: wanted, ulp: ulpDistance(value, wanted), distance };
  }
  return worst;
}
