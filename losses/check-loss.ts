/** Holds a loss to its definition: gradients, both backends, and the fused kernel against the composed meaning. */
import { checkBackends, type CheckBackendsOptions, checkGrads, tensorsOf } from '../engine/check/check.ts';
import { compareValues, DifferenceError } from '../engine/check/difference.ts';
import { checkFunction, checkOptions } from '../engine/borders.ts';
import { openGpu } from '../engine/gpu/gpu.ts';
import { grad } from '../engine/grad.ts';
import { mul } from '../engine/ops/pointwise/elementwise.ts';
import { type Input, mask, positive, spread } from '../engine/check/samples.ts';
import { type Shape, sizeOf } from '../engine/shape.ts';
import type { Tensor } from '../engine/tensor.ts';
import type { Loss } from './loss.ts';
import type { RowLoss } from './row-loss.ts';

/** What `defineLoss` or `defineRowLoss` gives. */
export type AnyLoss = Loss | RowLoss;

export interface CheckLossOptions extends Pick<CheckBackendsOptions, 'backend'> {
  params?: Readonly<Record<string, number>> | undefined;
  /** Shape of every input but labels of rows, [7, 3] unless given: more than a workgroup's vec4, and no multiple of it. */
  shape?: Shape | undefined;
  /** Inputs by name instead of the sampled ones: for a loss whose kinks these meet. */
  inputs?: Readonly<Record<string, Input>> | undefined;
}

/** One thing that must hold of a loss. */
export interface LossCheck {
  /** In words: 'fused gradient by pred, against composed'. */
  readonly title: string;
  /** Throws a DifferenceError where it does not hold. */
  run(): Promise<void>;
}

/**
 * Gradients of order 1 and 2 of the composed meaning against finite differences; the fused kernel against the meaning, in
 * value and gradient; value and gradients on the GPU against the float64 backend. Without `backend` a GPU
 * is opened, and closed in the end.
 *
 * @throws DifferenceError if any of them differ; the message says what, where and by how much. AdapterError without an
 * adapter.
 */
export async function checkLoss(loss: AnyLoss, options: CheckLossOptions = {}): Promise<void> {
  checkFunction('checkLoss', 'the loss, as defineLoss gives one,', loss?.definition?.composed);
  checkOptions('checkLoss', options, 'backend params shape inputs');
  const backend = options.backend ?? (await openGpu());
  try {
    for (const { run } of lossChecks(loss, { ...options, backend })) await run();
  } finally {
    if (!options.backend) backend.close();
  }
}

/** The checks of `checkLoss` one by one, the cheap ones first; all have the same inputs. */
export function lossChecks(
  loss: AnyLoss,
  {
    params = {},
    shape = [7, 3],
    inputs: given = {},
    backend,
  }: CheckLossOptions & { backend: NonNullable<CheckLossOptions['backend']> },
): LossCheck[] {
  const inputs = lossInputs(loss, shape, given);
  const f = (...xs: Tensor[]) => loss(named(loss, xs), params);
  const bothOn = (xs: readonly Tensor[]) =>
    [loss(named(loss, xs), params), loss.composed(named(loss, xs), params)] as const;
  const { inputs: names } = loss.definition;
  const wrt = wrtOf(loss);

  const fusedGradient = async (key: string): Promise<void> => {
    const xs = tensorsOf(inputs, backend);
    const [fused, composed] = bothOn(xs);
    const x = [xs[names.indexOf(key)]!];
    for (const scale of [1, -2.5]) {
      const [got] = grad(mul(fused, scale), x, { allowUnused: true });
      const [meant] = grad(mul(composed, scale), x, { allowUnused: true });
      compareValues(`fused gradient by ${key}`, await got!.data(), await meant!.data(), 2e-6);
    }
  };
  const checks: LossCheck[] = [
    {
      title: 'gradients of order 1 and 2, against finite differences in float64',
      run: () => checkGrads(f, inputs),
    },
    {
      title: 'fused value, against composed',
      async run() {
        const [fused, composed] = bothOn(tensorsOf(inputs, backend));
        compareValues('fused value', await fused.data(), await composed.data(), 2e-6);
      },
    },
    ...names
      .filter((key) => wrt.includes(key))
      .map((key) => ({
        title: `fused gradient by ${key}, against composed`,
        run: () => fusedGradient(key),
      })),
    {
      title: 'value and gradients on the GPU, against float64',
      // The slope of a square root is up to 1/(2√eps), 16 at the default of `tor`: so are the errors.
      run: () => checkBackends(f, inputs, { backend, tolerance: 2e-5 }),
    },
  ];
  return checks.map(({ title, run }) => ({ title, run: () => run().catch(explain(names, inputs)) }));
}

/** Inputs by their names instead of their numbers, and what they are where a derivative differs. */
function explain(names: readonly string[], inputs: readonly Input[]): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof DifferenceError)) throw error;
    const withNames = (text: string) =>
      text.replaceAll(/\binput (\d+)/g, (_, i: string) => names[Number(i)]!);
    const { what, element } = error.difference;
    const isOfElement = element !== undefined && what.includes('gradient');
    // A row's label is not of an element.
    const shown = names.filter((_, i) => inputs[i]!.values.length === inputs[0]!.values.length);
    const at = isOfElement
      ? shown
          .map((key) => `${key} ${Number(inputs[names.indexOf(key)]!.values[element]!.toPrecision(6))}`)
          .join(', ')
      : undefined;
    throw new DifferenceError(withNames(error.message) + (at ? `; there ${at}` : ''), {
      ...error.difference,
      what: withNames(what),
      at,
    });
  };
}

/** What is sampled otherwise: masks are 0 or 1, variances are above 0. */
const samplers: Readonly<Record<string, ((shape: Shape) => Input) | undefined>> = {
  outlier: mask,
  variance: positive,
  teacherVariance: positive,
};

/** The inputs that a loss has gradients by. */
export function wrtOf({ definition }: AnyLoss): readonly string[] {
  return definition.wrt ?? ('logs' in definition ? ['logits'] : ['pred']);
}

/**
 * Sampled inputs of a loss: `wrt` are differentiated, the others are constants, `outlier` is 0 or 1, variances above 0. Of a loss
 * of rows `label` has a class a row, the last of several ignored.
 */
export function lossInputs(
  loss: AnyLoss,
  shape: Shape,
  given: Readonly<Record<string, Input>> = {},
): Input[] {
  const wrt = wrtOf(loss);
  const sampled = 'logs' in loss.definition ? { ...samplers, label: labels } : samplers;
  return loss.definition.inputs.map((key, i) => ({
    ...(given[key] ?? sampled[key]?.(shape) ?? spread(shape, i)),
    isConstant: !wrt.includes(key),
  }));
}

function labels(shape: Shape): Input {
  const classes = shape.at(-1)!;
  const rows = shape.slice(0, -1);
  const values = Array.from({ length: sizeOf(rows) }, (_, i) => (37 * i + 1) % classes);
  if (values.length > 3) values[values.length - 1] = 2 ** 32 - 1;
  return { shape: rows, values, dtype: 'u32' };
}

/** Tensors in the order of a loss's inputs, by their names. */
export function named(loss: AnyLoss, xs: readonly Tensor[]): Record<string, Tensor> {
  return Object.fromEntries(loss.definition.inputs.map((key, i) => [key, xs[i]!]));
}
