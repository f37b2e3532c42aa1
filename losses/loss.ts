/** `defineLoss`: a pointwise loss with one meaning and two speeds. */
import { checkList, checkOptions, inWords } from '../engine/borders.ts';
import { dispatch, folded } from '../engine/dispatch.ts';
import { noteLoss } from '../engine/noted-loss.ts';
import { mean } from '../engine/ops/reduce/reduce.ts';
import { sameShape, type Shape, ShapeError, show, sizeOf } from '../engine/shape.ts';
import type { StepSlot } from '../engine/step.ts';
import { isRecording, isTracked } from '../engine/tape.ts';
import { checkDtype, checkFloats, type Tensor } from '../engine/tensor.ts';
import {
  derivativeName,
  fusedLoss,
  type FusedLossOptions,
  LOSS_BLOCK,
  restsIn,
  sumBlocks,
} from '../kernels/training/fused-loss.ts';
import { getOrMake } from '../kernels/get-or-make.ts';
import type { Kernel } from '../kernels/kernel.ts';
import { recordLoss } from './loss-gradients.ts';
import { chosenParameters, operandsOf, type ParameterValues, uniformsOf } from './loss-parameters.ts';

export interface LossDefinition<I extends string, P extends string> {
  name: string;
  /** Tensors of one shape; the fused kernel does not broadcast. */
  inputs: readonly I[];
  /** The inputs that gradients flow to, `pred` if left out; the others are constants. */
  wrt?: readonly NoInfer<I>[];
  /** Numbers and their defaults. */
  params?: Readonly<Record<P, number>>;
  /** Throws on parameters out of range. Not asked about those that come from the step buffer. */
  check?(params: Readonly<Record<NoInfer<P>, number>>): void;
  /**
   * The definition, of one element, in ops; parameters are scalar tensors. `defineLoss` takes the mean. If `fused` reads
   * `uniforms.alphaRest`, 1 - alpha is a parameter too: float32 cannot make it of an alpha that it has rounded.
   */
  composed(
    inputs: Readonly<Record<NoInfer<I>, Tensor>>,
    params: Readonly<Record<NoInfer<P> | `${NoInfer<P>}Rest`, Tensor>>,
  ): Tensor;
  /** The same in WGSL: `return Element(value, derivative by wrt[0], …);`, reading `uniforms.NAME` for parameters. */
  fused: string;
}

export interface LossOptions {
  /**
   * Axes that are not averaged over, 0 unless given. With 1, inputs of (seeds, rows, outputs) give a loss of (seeds):
   * value and gradient of each are what they would be alone, bit for bit.
   */
  leadingAxes?: number | undefined;
}

/** A loss as a function: tensors by name, parameters as numbers or as slots of the step buffer (for schedules). */
export type LossFunction<
  I extends string = string,
  P extends string = string,
  O extends LossOptions = LossOptions,
> = (
  inputs: Readonly<Record<I, Tensor>>,
  params?: Partial<Record<P, number | StepSlot>>,
  options?: O,
) => Tensor;

/** A loss: a scalar, or a tensor of the inputs' leading axes. */
export interface Loss<I extends string = string, P extends string = string> extends LossFunction<I, P> {
  readonly definition: LossDefinition<I, P>;
  /** The meaning alone, whatever the backend. For tests and benchmarks. */
  readonly composed: LossFunction<I, P>;
  /** The fused kernel, for tests that compile it and for other people's WebGPU code. */
  readonly kernel: Kernel;
}

/**
 * A pointwise loss with one meaning and two speeds.
 *
 * `composed` is the definition, made of ops: the CPU and all higher derivatives use it. `fused` is WGSL for the value
 * and the first derivative by each input in `wrt`: training uses it. `checkLoss` holds the two equal.
 *
 * The loss throws ShapeError if the inputs' shapes differ or have fewer axes than `leadingAxes`, and an error if an
 * input outside `wrt` is recorded: `detach` it, or name it in `wrt`.
 */
/* @__NO_SIDE_EFFECTS__ */
export function defineLoss<const I extends string, const P extends string = never>(
  definition: LossDefinition<I, P>,
): Loss<I, P> {
  checkOptions('defineLoss', definition, 'name inputs wrt params check composed fused', true);
  const { name, inputs, composed, check } = definition;
  if (typeof name !== 'string') throw new Error(`defineLoss: name must be a text, got ${inWords(name)}`);
  checkList(name, 'inputs', inputs);
  if (definition.wrt) checkList(name, 'wrt', definition.wrt);
  const wrt: readonly I[] = definition.wrt ?? (['pred'] as I[]);
  const defaults = definition.params ?? ({} as Record<P, number>);
  const params = Object.keys(defaults) as P[];
  const rests = restsIn(definition.fused, params);
  checkDefinition(definition, wrt);
  const kernels = new Map<string, Kernel>();

  const kernelFor = (stepParams: readonly string[], ways: LossWays): Kernel =>
    getOrMake(kernels, [...stepParams, ...Object.values(ways)].join(), () =>
      fusedLoss({ name, inputs, wrt, params, stepParams, element: definition.fused, ...ways }),
    );

  const prepare = (
    given: Readonly<Record<I, Tensor>>,
    chosen: Partial<Record<P, number | StepSlot>> = {},
    options: LossOptions = {},
  ) => {
    if (given === null || typeof given !== 'object')
      throw new Error(`${name}: wants { ${inputs.join(', ')} }, got ${inWords(given)}`);
    checkInputs(name, inputs, wrt, given);
    checkOptions(name, options, 'leadingAxes');
    const { leadingAxes = 0 } = options;
    const { backend, shape } = given[inputs[0]!];
    if (!(Number.isInteger(leadingAxes) && leadingAxes >= 0 && leadingAxes <= shape.length))
      throw new ShapeError(`${name}: ${leadingAxes} leading axes for ${show(shape)}`);
    const averaged = [...shape.keys()].slice(leadingAxes);
    const values = chosenParameters(name, defaults, chosen, check);
    const meaning = (tensors: Readonly<Record<I, Tensor>> = given) => {
      const each = composed(tensors, operandsOf(values, rests, backend));
      checkEach(name, each, shape, leadingAxes);
      if (leadingAxes === 0) return mean(each);
      const isWhole = each.shape.length === shape.length;
      return isWhole && averaged.length > 0 ? mean(each, averaged) : each;
    };
    return { values, backend, lead: shape.slice(0, leadingAxes), meaning };
  };

  const loss: LossFunction<I, P> = (given, chosen, options) => {
    const { values, backend, lead, meaning } = prepare(given, chosen, options);
    const size = given[inputs[0]!].size / sizeOf(lead);
    // On a software adapter a second dispatch is dear, and means are shared out anyway.
    const isSplit = backend.isSoftware ? size > 4 * LOSS_BLOCK && lead.length === 0 : size > 2 * LOSS_BLOCK;
    const stepParams = params.filter((key) => typeof values[key] !== 'number');
    const hasFewLanes = backend.isSoftware;
    const kernel = kernelFor(stepParams, { isSplit, hasFewLanes, isVector: hasFewLanes && size % 4 === 0 });
    if (!backend.canRun(kernel)) return meaning();

    const { value, ...rest } = runFused(kernel, { given, values, rests, lead, size, isSplit });
    const derivatives = wrt.map((key) => rest[derivativeName(key)]!);
    // Whatever else was given by a name of its own is not the loss's.
    const known = Object.fromEntries(inputs.map((key) => [key, given[key]])) as Record<I, Tensor>;
    const y = recordLoss({ name, value: value!, derivatives, given: known, wrt, meaning });
    noteLoss(y, { inputs, given, wrt, values, element: definition.fused });
    return y;
  };
  return Object.assign(loss, {
    definition,
    kernel: kernelFor([], { isSplit: false, hasFewLanes: false, isVector: false }),
    composed: ((given, chosen, options) => prepare(given, chosen, options).meaning()) as LossFunction<I, P>,
  });
}

function checkDefinition(
  { name, inputs, params = {}, composed, fused }: LossDefinition<string, string>,
  wrt: readonly string[],
): void {
  const stranger = wrt.find((key) => !inputs.includes(key));
  if (stranger)
    throw new Error(`${name}: '${stranger}' in wrt is not among the inputs, ${inputs.join(', ')}`);
  if (typeof composed !== 'function')
    throw new Error(`${name}: composed is missing; it is the loss's definition`);
  if (typeof fused !== 'string') throw new Error(`${name}: fused is missing; it is a WGSL text`);
  if ('size' in params) throw new Error(`${name}: a parameter cannot be called 'size'; choose another name`);
}

/** A mean would hide that something else was computed: elements that were broadcast, or rows that were added up. */
function checkEach(name: string, each: Tensor, shape: Shape, leadingAxes: number): void {
  checkFloats(name, { 'what composed gives': each });
  const lead = shape.slice(0, leadingAxes);
  if (!sameShape(each.shape, shape) && !sameShape(each.shape, lead))
    throw new ShapeError(
      `${name}: composed gives ${show(each.shape)}; wants ${show(shape)}, a number for each element, or their mean ${show(lead)}`,
    );
}

/** How a fused loss is carried out; the bits are the same. */
type LossWays = Required<Pick<FusedLossOptions, 'isSplit' | 'hasFewLanes' | 'isVector'>>;

interface FusedCall {
  given: Readonly<Record<string, Tensor>>;
  values: ParameterValues;
  rests: readonly string[];
  /** Shape of the value, and how many elements each of its means has. */
  lead: Shape;
  size: number;
  isSplit: boolean;
}

function runFused(
  kernel: Kernel,
  { given, values, rests, lead, size, isSplit }: FusedCall,
): Record<string, Tensor> {
  const uniforms = { ...uniformsOf(values, rests), size };
  const blocks = Math.max(1, Math.ceil(size / LOSS_BLOCK));
  const shape = given[kernel.inputs[0]!]!.shape;
  const outputs: Record<string, readonly number[]> = {};
  for (const name of kernel.outputs)
    outputs[name] = name === 'value' ? (isSplit ? [...lead, blocks] : lead) : shape;
  const means = sizeOf(lead);
  const workgroups = [...folded(isSplit ? blocks : 1), means] as const;
  const results = dispatch(kernel, { inputs: given, uniforms, outputs, workgroups });
  if (!isSplit) return results;
  const inputs = { x: results.value! };
  const { y } = dispatch(sumBlocks, {
    inputs,
    uniforms: { blocks, size },
    outputs: { y: lead },
    workgroups: [1, 1, means],
  });
  inputs.x.dispose();
  return { ...results, value: y };
}

function checkInputs(
  name: string,
  inputs: readonly string[],
  wrt: readonly string[],
  given: Readonly<Record<string, Tensor>>,
): void {
  const first = inputs[0]!;
  for (const key of inputs) {
    const x = given[key];
    if (!x) throw new Error(`${name}: '${key}' is missing; it wants ${inputs.join(', ')}`);
    checkDtype(name, key, x, 'f32');
    if (!sameShape(x.shape, given[first]!.shape)) {
      throw new ShapeError(
        `${name}: shapes differ, ${first} ${show(given[first]!.shape)} and ${key} ${show(x.shape)}`,
      );
    }
    if (isTracked(x) && isRecording() && !wrt.includes(key)) {
      throw new Error(
        `${name}: '${key}' is recorded, but no gradient flows to it; detach it, or name it in wrt`,
      );
    }
  }
  if (given[first]!.size === 0) throw new ShapeError(`${name}: no elements, ${show(given[first]!.shape)}`);
}
