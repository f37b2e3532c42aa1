/** Checks that hold a differentiable function to its meaning: against finite differences, and one backend against the other. */
import { noise } from '../../kernels/random/random-host.ts';
import type { Backend, Values } from '../backend.ts';
import { checkFunction, checkList, checkOptions } from '../borders.ts';
import { openCpu } from '../cpu.ts';
import { openGpu } from '../gpu/gpu.ts';
import { grad } from '../grad.ts';
import { add, mul } from '../ops/pointwise/elementwise.ts';
import { sum } from '../ops/reduce/sum.ts';
import { compareSpecial, compareValues, DifferenceError } from './difference.ts';
import { type Input, inputOf } from './samples.ts';
import { type Shape, show } from '../shape.ts';
import { type Tensor, tensor } from '../tensor.ts';

export type Differentiable = (...inputs: Tensor[]) => Tensor;

type Scalar = (xs: readonly Tensor[]) => Tensor;

/** Central differences lose h² of the third derivative and 2^-53 / h to rounding: both near 1e-10. */
const H = 1e-5;
const DIRECTIONS = 3;

export interface CheckGradsOptions {
  /** Derivatives up to this order, 2 unless given. */
  order?: number | undefined;
  /** Largest difference, relative to max(1, |derivative|); 1e-6 unless given. */
  tolerance?: number | undefined;
}

/**
 * Derivatives up to `order` on the float64 backend, along random directions of a random projection of the output,
 * against central differences. Order 2 differentiates the gradient, projected at random, and so on. An input is a
 * shape, filled with numbers away from 0 and from each other, or an `Input` with its own: choose them away from kinks.
 *
 * @throws DifferenceError if a derivative differs; the message gives the order, both numbers, and the first element by
 * which it differs.
 */
export async function checkGrads(
  f: Differentiable,
  given: readonly (Shape | Input)[],
  options: CheckGradsOptions = {},
): Promise<void> {
  checkFunction('checkGrads', 'the op', f);
  checkList('checkGrads', 'inputs', given);
  checkOptions('checkGrads', options, 'order tolerance');
  const { order = 2, tolerance = 1e-6 } = options;
  const inputs = given.map(inputOf);
  if (inputs.every(isFixed)) return; // nothing to differentiate by
  const cpu = openCpu();
  let scalar: Scalar = (xs) => {
    drawAgain(cpu);
    return project(f(...xs), 100);
  };
  for (let n = 1; n <= order; n++) {
    for (let number = 0; number < DIRECTIONS; number++) {
      const direction = inputs.map((input, i) =>
        isFixed(input)
          ? new Float32Array(input.values.length)
          : noise(input.values.length, 1000 * n + 100 * number + i),
      );
      const both = await directionalDerivatives(cpu, scalar, inputs, direction);
      if (agree(both, tolerance)) continue;
      const found = await firstDifference(cpu, scalar, inputs, tolerance);
      const { exact, numeric } = found ?? both;
      const place = found
        ? `; by element ${found.element} of input ${found.input}: ${exact} and ${numeric}`
        : '';
      throw new DifferenceError(
        `order ${n}, direction ${number}: grad gives ${both.exact}, finite differences ${both.numeric}${place}`,
        {
          what: `gradient of order ${n}`,
          element: found?.element,
          input: found?.input,
          got: exact,
          wanted: numeric,
        },
      );
    }
    const lower = scalar;
    scalar = (xs) =>
      projectAll(grad(lower(xs), wantedOf(xs), { createGraph: true, allowUnused: true }), 200 + n);
  }
}

interface Derivatives {
  readonly exact: number;
  readonly numeric: number;
}

/** Written so that a NaN does not agree. */
function agree({ exact, numeric }: Derivatives, tolerance: number): boolean {
  return Math.abs(exact - numeric) <= tolerance * Math.max(1, Math.abs(exact));
}

function isFixed({ isConstant, dtype }: Input): boolean {
  return isConstant === true || dtype === 'u32';
}

/** Random numbers of `f` are those of a step's beginning, whenever it is called. */
function drawAgain({ step }: Backend): void {
  step.begin(step.number);
}

/** Along one element after another; undefined where only their sum differs. */
async function firstDifference(
  cpu: Backend,
  scalar: Scalar,
  inputs: readonly Input[],
  tolerance: number,
): Promise<(Derivatives & { input: number; element: number }) | undefined> {
  for (const [input, given] of inputs.entries()) {
    if (isFixed(given)) continue;
    for (let element = 0; element < given.values.length; element++) {
      const direction = inputs.map(({ values }) => new Float32Array(values.length));
      direction[input]![element] = 1;
      const both = await directionalDerivatives(cpu, scalar, inputs, direction);
      if (!agree(both, tolerance)) return { ...both, input, element };
    }
  }
  return undefined;
}

async function directionalDerivatives(
  cpu: Backend,
  scalar: Scalar,
  inputs: readonly Input[],
  directions: readonly Float32Array[],
): Promise<Derivatives> {
  const at = (h: number) =>
    tensorsOf(
      inputs.map((input, i) => ({
        ...input,
        values: Float64Array.from(input.values, (x, j) => x + h * directions[i]![j]!),
      })),
      cpu,
    );
  const difference = (await scalar(at(H)).item()) - (await scalar(at(-H)).item());
  const xs = at(0);
  const wanted = wantedOf(xs);
  const gradients = grad(scalar(xs), wanted, { allowUnused: true });
  let exact = 0;
  for (const [i, x] of wanted.entries()) {
    const values = await gradients[i]!.data();
    const direction = directions[xs.indexOf(x)]!;
    for (const [j, value] of values.entries()) exact += value * direction[j]!;
  }
  return { exact, numeric: difference / (2 * H) };
}

export interface CheckBackendsOptions {
  /** What is compared with the float64 backend. */
  backend?: Backend | undefined;
  /** Largest difference, relative to max(1, the tensor's largest number); 3e-6 unless given. */
  tolerance?: number | undefined;
  /** Derivatives up to this order, 0 to 2. */
  order?: number | undefined;
  /**
   * Inputs have NaN, infinities and numbers of any size: each number is held to the other backend's by itself, NaN to NaN and
   * infinity to infinity. Without it a NaN agrees with nothing.
   */
  isSpecial?: boolean | undefined;
}

/**
 * Value, gradient and second-order gradient on the GPU equal those of the float64 backend. The first gradient is taken
 * twice: without `createGraph`, where fused kernels run, and with it, where their meanings do.
 *
 * The bound: |gpu - cpu| ≤ tolerance · max(1, largest |cpu|), for each tensor as a whole. Inputs are float32 numbers of
 * size about 1, the same on both, so the difference is the rounding of the GPU's own operations: each errs by at most 2
 * units of 2^-24 of its result (`mathFunctions.maxUlp`), and a gradient of order 2 is made of a few dozen, whose errors
 * add up to 50 such units, 3e-6. A case that adds n numbers up or divides by small ones says so with a tolerance. The
 * float64 backend has float32's range: it overflows, and vanishes, where the other does.
 *
 * Without `backend` a GPU is opened, and closed in the end.
 *
 * @throws DifferenceError if a number differs; the message says which, and by how much. AdapterError without an adapter.
 */
export async function checkBackends(
  f: Differentiable,
  given: readonly (Shape | Input)[],
  options: CheckBackendsOptions = {},
): Promise<void> {
  checkFunction('checkBackends', 'the op', f);
  checkList('checkBackends', 'inputs', given);
  checkOptions('checkBackends', options, 'tolerance order backend isSpecial');
  const { tolerance = 3e-6, order = 2, backend, isSpecial = false } = options;
  const inputs = given.map(inputOf);
  const other = backend ?? (await openGpu());
  const cpu = openCpu();
  cpu.step.begin(other.step.number);
  try {
    const wanted = await resultsOn(cpu, f, inputs, order);
    const got = await resultsOn(other, f, inputs, order);
    for (const [what, { values, shape }] of Object.entries(wanted)) {
      if (show(got[what]!.shape) !== show(shape))
        throw new Error(`${what}: shape ${show(got[what]!.shape)}, wanted ${show(shape)}`);
      const compare = isSpecial ? compareSpecial : compareValues;
      compare(what, got[what]!.values, values, tolerance);
    }
  } finally {
    if (!backend) other.close();
  }
}

/** Value, gradients and second gradients of `f` by name; `order` says how many of them. */
export async function resultsOn(
  backend: Backend,
  f: Differentiable,
  inputs: readonly Input[],
  order: number,
): Promise<Record<string, { values: Values; shape: Shape }>> {
  const xs = tensorsOf(inputs, backend);
  const wanted = wantedOf(xs);
  drawAgain(backend);
  const y = f(...xs);
  const tensors: Record<string, Tensor> = { value: y };
  if (order > 0 && wanted.length > 0) {
    // A scalar is not projected: the seed of its gradient is then the known 1.
    const scalar = y.size === 1 ? y : project(y, 100);
    const put = (what: string, gradients: readonly Tensor[]) => {
      for (const [i, gradient] of gradients.entries())
        tensors[`${what} by input ${xs.indexOf(wanted[i]!)}`] = gradient;
    };
    put('gradient', grad(scalar, wanted, { allowUnused: true }));
    const gradients = grad(scalar, wanted, { createGraph: true, allowUnused: true });
    put('recorded gradient', gradients);
    if (order > 1) put('second gradient', grad(projectAll(gradients, 200), wanted, { allowUnused: true }));
  }
  // Read at once: some hosts look for finished read-backs only so often.
  const results = Object.entries(tensors).map(
    async ([what, x]) => [what, { values: await x.data(), shape: x.shape }] as const,
  );
  return Object.fromEntries(await Promise.all(results));
}

export function tensorsOf(inputs: readonly Input[], backend: Backend): Tensor[] {
  return inputs.map(({ values, shape, dtype = 'f32', isConstant = false }) =>
    tensor(values, shape, backend, { dtype, requiresGrad: dtype === 'f32' && !isConstant }),
  );
}

export function wantedOf(xs: readonly Tensor[]): Tensor[] {
  return xs.filter((x) => x.requiresGrad);
}

/** Σ y v for a random v: one number that depends on every element. */
function project(y: Tensor, seed: number): Tensor {
  return sum(mul(y, tensor(noise(y.size, seed), y.shape, y.backend)));
}

function projectAll(ys: readonly Tensor[], seed: number): Tensor {
  return ys.map((y, i) => project(y, seed + i)).reduce((total, y) => add(total, y));
}
