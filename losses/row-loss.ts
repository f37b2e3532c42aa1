/** `defineRowLoss`: a loss of whole rows of logits with one meaning and two speeds. */
import { checkNumber } from '../base/borders.ts';
import { checkList, checkOptions, inWords } from '../engine/borders.ts';
import { dispatch } from '../engine/dispatch.ts';
import { oneHot } from '../engine/ops/movement/one-hot.ts';
import { reshape } from '../engine/ops/movement/movement.ts';
import { div } from '../engine/ops/pointwise/elementwise.ts';
import { mean } from '../engine/ops/reduce/reduce.ts';
import { logSoftmax } from '../engine/ops/reduce/softmax.ts';
import { sum } from '../engine/ops/reduce/sum.ts';
import { sameShape, type Shape, ShapeError, show, sizeOf } from '../engine/shape.ts';
import type { StepSlot } from '../engine/step.ts';
import { isRecording, isTracked, noGrad } from '../engine/tape.ts';
import { checkDtype, checkFloats, type Tensor } from '../engine/tensor.ts';
import { getOrMake } from '../kernels/get-or-make.ts';
import { checkNames, type Kernel } from '../kernels/kernel.ts';
import { labelWeights } from '../kernels/row-loss/label-weights.ts';
import { meanOfRows } from '../kernels/row-loss/mean-of-rows.ts';
import { groupsOf, type RowLog, rowLoss } from '../kernels/row-loss/row-loss.ts';
import { type Sharing, sharingOf } from '../kernels/row-loss/row-sums.ts';
import { derivativeName, restsIn } from '../kernels/training/fused-loss.ts';
import type { LossFunction, LossOptions } from './loss.ts';
import { recordLoss } from './loss-gradients.ts';
import { chosenParameters, operandsOf, uniformsOf } from './loss-parameters.ts';

/** The input of this name holds the class of each row, u32; all others hold rows of logits. */
type Label = 'label';
const LABEL: Label = 'label';
/** A label that counts for nothing: what -1 is as a u32. */
const IGNORED = 2 ** 32 - 1;

/** What one class of a row is computed from: log-probabilities by name and, where there are labels, two numbers more. */
type ClassTensors<I extends string, L extends string> = Readonly<
  Record<L | (Label extends I ? 'isLabel' | 'weight' : never), Tensor>
>;

export interface RowLossDefinition<I extends string, L extends string, P extends string> {
  name: string;
  /** Tensors of logits, of one shape (…, rows, classes), and perhaps `label`, u32 (…, rows) or (…, rows, 1). */
  inputs: readonly I[];
  /** The inputs that gradients flow to, `logits` if left out; the others are constants. */
  wrt?: readonly Exclude<NoInfer<I>, Label>[];
  /** Log-probabilities, log softmax of a row, by name: of an input, or of an input divided by a parameter, its temperature. */
  logs: Readonly<Record<L, NoInfer<I> | readonly [input: NoInfer<I>, temperature: NoInfer<P>]>>;
  /** Numbers and their defaults. */
  params?: Readonly<Record<P, number>>;
  /** Throws on parameters out of range. Not asked about those that come from the step buffer. */
  check?(params: Readonly<Record<NoInfer<P>, number>>): void;
  /**
   * The definition, of each class, in ops: `defineRowLoss` adds up the classes of a row and takes the mean of the rows. `logs` by
   * their names, (…, rows, classes). With labels also `isLabel`, 1 at a row's class and 0 elsewhere, and `weight`, (…, rows, 1),
   * which a label counts: rows over labelled rows, 0 where the label is ignored, NaN where it is no class.
   */
  composed(
    classes: ClassTensors<I, L>,
    params: Readonly<Record<NoInfer<P> | `${NoInfer<P>}Rest`, Tensor>>,
  ): Tensor;
  /**
   * The same in WGSL: `return Element(value, derivative by each log-probability whose input is in wrt, …);`. The softmax's own
   * derivative is not the author's. `isLabel` is a bool; `uniforms.NAME` and `uniforms.classes` are numbers.
   */
  fused: string;
  /** Whether each derivative adds up to 0 over a row, as p - q does: the row is then read once less. */
  isCentred?: boolean;
}

export interface RowLossOptions extends LossOptions {
  /** Rows with this label count for nothing where labels count; 4294967295 (-1 as a u32) unless given. */
  ignore?: number | undefined;
}

/** A loss of rows as a function: tensors by name, parameters as numbers or as slots of the step buffer. */
export type RowLossFunction<I extends string = string, P extends string = string> = LossFunction<
  I,
  P,
  RowLossOptions
>;

/** A loss of rows: a scalar, or a tensor of the inputs' leading axes. */
export interface RowLoss<I extends string = string, P extends string = string> extends RowLossFunction<I, P> {
  readonly definition: RowLossDefinition<I, string, P>;
  /** The meaning alone, whatever the backend. For tests and benchmarks. */
  readonly composed: RowLossFunction<I, P>;
  /** The fused kernel for rows of a few classes, for tests that compile it. */
  readonly kernel: Kernel;
}

const NAMES = 'name inputs wrt logs params check composed fused isCentred';

/**
 * A loss that is a sum over the classes of a row of log-probabilities, averaged over rows, with one meaning and two speeds: as
 * `defineLoss`, with whole rows in the place of elements. `composed` is the definition, made of ops: the CPU and all higher
 * derivatives use it. `fused` is WGSL for the value and the first derivatives: two dispatches, the second of which adds rows up.
 *
 * A log-probability is finite or -∞ for logits that are finite or -∞, unless all of a row are -∞; probabilities of 0 are the
 * author's to mind. With `leadingAxes` the value and gradient of each mean are what they would be alone, bit for bit.
 *
 * The loss throws ShapeError if shapes differ, there is no class, or there are not more axes than `leadingAxes`; and an error if an
 * input outside `wrt` is recorded.
 */
/* @__NO_SIDE_EFFECTS__ */
export function defineRowLoss<const I extends string, const L extends string, const P extends string = never>(
  definition: RowLossDefinition<I, L, P>,
): RowLoss<I, P> {
  checkOptions('defineRowLoss', definition, NAMES, true);
  const { name, inputs, composed, check, isCentred = false, fused: element } = definition;
  const wrt: readonly string[] = definition.wrt ?? ['logits'];
  const defaults = definition.params ?? ({} as Record<P, number>);
  const logs = checkDefinition(definition as unknown as RowLossDefinition<string, string, string>, wrt);
  const params = Object.keys(defaults) as P[];
  const rests = restsIn(element, params);
  const hasLabel = (inputs as readonly string[]).includes(LABEL);
  const rows = inputs.filter((key) => key !== LABEL);
  const kernels = new Map<string, Kernel>();

  const kernelFor = (stepParams: readonly string[], sharing: Sharing): Kernel =>
    getOrMake(kernels, [...stepParams, ...Object.values(sharing)].join(), () =>
      rowLoss({ name, inputs: rows, wrt, logs, hasLabel, params, stepParams, element, isCentred, sharing }),
    );

  const prepare = (
    given: Readonly<Record<I, Tensor>>,
    chosen: Partial<Record<P, number | StepSlot>> = {},
    options: RowLossOptions = {},
  ) => {
    if (given === null || typeof given !== 'object')
      throw new Error(`${name}: wants { ${inputs.join(', ')} }, got ${inWords(given)}`);
    checkInputs(name, inputs, wrt, given);
    checkOptions(name, options, hasLabel ? 'leadingAxes ignore' : 'leadingAxes');
    const { leadingAxes = 0, ignore = IGNORED } = options;
    checkNumber(name, 'ignore', ignore, { from: 0, to: IGNORED, isWhole: true });
    const { backend, shape } = given[rows[0]!];
    if (!(Number.isInteger(leadingAxes) && leadingAxes >= 0 && leadingAxes < shape.length))
      throw new ShapeError(`${name}: ${leadingAxes} leading axes for ${show(shape)}`);
    const lead = shape.slice(0, leadingAxes);
    const sizes = { rows: sizeOf(shape.slice(leadingAxes, -1)), classes: shape.at(-1)!, ignore };
    const values = chosenParameters(name, defaults, chosen, check);

    const meaning = (tensors: Readonly<Record<string, Tensor>> = given) => {
      const operands = operandsOf(values, rests, backend) as Readonly<Record<string, Tensor>>;
      const seen: Record<string, Tensor> = {};
      for (const { name: key, of, temperature } of logs) {
        const x = tensors[of]!;
        seen[key] = logSoftmax(temperature === undefined ? x : div(x, operands[temperature]!));
      }
      if (hasLabel) Object.assign(seen, labelTensors(tensors[LABEL]!, shape, { lead, sizes }));
      const each = composed(seen as ClassTensors<I, L>, operands as Parameters<typeof composed>[1]);
      checkFloats(name, { 'what composed gives': each });
      if (!sameShape(each.shape, shape))
        throw new ShapeError(
          `${name}: composed gives ${show(each.shape)}; wants ${show(shape)}, a number for each class`,
        );
      const lost = sum(each, -1);
      return lost.shape.length > leadingAxes ? mean(lost, [...lost.shape.keys()].slice(leadingAxes)) : lost;
    };
    return { values, backend, lead, sizes, shape, meaning };
  };

  const loss: RowLossFunction<I, P> = (given, chosen, options) => {
    const { values, backend, lead, sizes, shape, meaning } = prepare(given, chosen, options);
    const stepParams = params.filter((key) => typeof values[key] !== 'number');
    const sharing = sharingOf(sizes.classes, backend.isSoftware);
    const kernel = kernelFor(stepParams, sharing);
    if (!backend.canRun(kernel)) return meaning();

    const means = sizeOf(lead);
    const outputs: Record<string, Shape> = { value: [means, sizes.rows] };
    for (const key of wrt) outputs[derivativeName(key)] = shape;
    const { value: lost, ...derivatives } = dispatch<string, string, string>(kernel, {
      inputs: given,
      uniforms: { ...uniformsOf(values, rests), ...sizes },
      outputs,
      workgroups: [groupsOf(sizes.rows, sharing, backend.isSoftware), 1, means],
    });
    const { y } = dispatch(meanOfRows, {
      inputs: { x: lost! },
      uniforms: { count: sizes.rows },
      outputs: { y: lead },
      workgroups: [1, 1, means],
    });
    lost!.dispose();
    return recordLoss({
      name,
      value: y,
      derivatives: wrt.map((key) => derivatives[derivativeName(key)]!),
      given: Object.fromEntries(inputs.map((key) => [key, given[key]])),
      wrt,
      meaning,
    });
  };
  return Object.assign(loss, {
    definition: definition as unknown as RowLossDefinition<I, string, P>,
    kernel: kernelFor([], sharingOf(1, false)),
    composed: ((given, chosen, options) => prepare(given, chosen, options).meaning()) as RowLossFunction<
      I,
      P
    >,
  });
}

interface LabelSizes {
  lead: Shape;
  sizes: Readonly<Record<'rows' | 'classes' | 'ignore', number>>;
}

/** What a label means: where a row's class is, and how much it counts. */
function labelTensors(label: Tensor, shape: Shape, { lead, sizes }: LabelSizes): Record<string, Tensor> {
  return noGrad(() => {
    const isLabel = oneHot(reshape(label, shape.slice(0, -1)), sizes.classes);
    const { weight } = dispatch(labelWeights, {
      inputs: { label },
      uniforms: sizes,
      outputs: { weight: [...shape.slice(0, -1), 1] },
      workgroups: [1, 1, sizeOf(lead)],
    });
    return { isLabel, weight };
  });
}

function checkDefinition(
  { name, inputs, params = {}, logs, composed, fused }: RowLossDefinition<string, string, string>,
  wrt: readonly string[],
): RowLog[] {
  if (typeof name !== 'string') throw new Error(`defineRowLoss: name must be a text, got ${inWords(name)}`);
  checkList(name, 'inputs', inputs);
  checkList(name, 'wrt', wrt);
  if (logs === null || typeof logs !== 'object')
    throw new Error(`${name}: logs must be an object of log-probabilities by name, got ${inWords(logs)}`);
  if (typeof composed !== 'function')
    throw new Error(`${name}: composed is missing; it is the loss's definition`);
  if (typeof fused !== 'string') throw new Error(`${name}: fused is missing; it is a WGSL text`);
  const rows = inputs.filter((key) => key !== LABEL);
  const isRow = (key: unknown, what: string) => {
    if (!rows.includes(key as string))
      throw new Error(`${name}: ${what} ${inWords(key)} is not among the rows, ${rows.join(', ')}`);
  };
  if (rows.length === 0) throw new Error(`${name}: inputs are ${inputs.join(', ')}; wants rows of logits`);
  for (const key of wrt) isRow(key, 'wrt:');
  checkNames(name, ['value', 'isLabel', 'weight', ...Object.keys(logs)]);
  const taken = ['rows', 'classes', 'ignore'].find((key) => key in params);
  if (taken) throw new Error(`${name}: a parameter cannot be called '${taken}'; choose another name`);
  const list = Object.entries(logs).map(([key, source]): RowLog => {
    const [of, temperature] = typeof source === 'string' ? [source] : source;
    isRow(of, `log-probability '${key}' of`);
    if (temperature !== undefined && !(temperature in params))
      throw new Error(
        `${name}: the temperature of '${key}' is ${inWords(temperature)}, which is no parameter`,
      );
    return { name: key, of: of!, temperature };
  });
  const idle = wrt.find((key) => !list.some(({ of }) => of === key));
  if (idle !== undefined) throw new Error(`${name}: no log-probability is of '${idle}', which wrt names`);
  return list;
}

function checkInputs(
  name: string,
  inputs: readonly string[],
  wrt: readonly string[],
  given: Readonly<Record<string, Tensor>>,
): void {
  const first = inputs.find((key) => key !== LABEL)!;
  for (const key of [first, ...inputs]) {
    const x = given[key];
    if (!x) throw new Error(`${name}: '${key}' is missing; it wants ${inputs.join(', ')}`);
    checkDtype(name, key, x, key === LABEL ? 'u32' : 'f32');
    const { shape } = given[first]!;
    const rows = shape.slice(0, -1);
    const fits = key === LABEL ? [rows, [...rows, 1]] : [shape];
    if (!fits.some((wanted) => sameShape(wanted, x.shape)))
      throw new ShapeError(
        `${name}: ${first} ${show(shape)} and ${key} ${show(x.shape)}; wants ${fits.map(show).join(' or ')}`,
      );
    if (isTracked(x) && isRecording() && !wrt.includes(key))
      throw new Error(
        `${name}: '${key}' is recorded, but no gradient flows to it; detach it, or name it in wrt`,
      );
  }
  const { shape, size } = given[first]!;
  if (shape.length === 0 || size === 0)
    throw new ShapeError(`${name}: ${first} ${show(shape)}; wants (…, rows, classes), at least one of each`);
}
