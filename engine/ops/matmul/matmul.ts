/** Matrix products: `matmul` with optional transposes and batches, and `linear` with bias and activation fused. */
import { matmulKernel } from '../../../kernels/matmul/matmul.ts';
import {
  type FusedActivation,
  type MatmulOptions as KernelOptions,
  optionsName,
} from '../../../kernels/matmul/matmul-options.ts';
import { matmulPlans } from '../../../kernels/matmul/matmul-plan.ts';
import type { Backend } from '../../backend.ts';
import { checkOptions, inWords } from '../../borders.ts';
import { dispatch, type DispatchOptions } from '../../dispatch.ts';
import { broadcastShapes, sameShape, type Shape, ShapeError, show, sizeOf } from '../../shape.ts';
import { type Destination, isRecording, record, type Vjp } from '../../tape.ts';
import { checkFloats, type Tensor } from '../../tensor.ts';
import { reluGrad, sigmoidGrad, tanhGrad } from '../pointwise/activations.ts';
import { sharingOf } from './sharing.ts';
import { reshape } from '../movement/movement.ts';
import { broadcastTo } from '../reduce/sum.ts';
import { sumTo } from '../reduce/sum.ts';
import { nameOf, withVariant } from '../../variants.ts';

export type { FusedActivation };

export interface MatmulOptions {
  transposeA?: boolean | undefined;
  transposeB?: boolean | undefined;
}

/**
 * Matrix product of the last two axes, batched over the leading ones, which broadcast: (…, m, k) @ (…, k, n) to
 * (…, m, n). `transposeA` takes a as (…, k, m), `transposeB` b as (…, n, k). A vector a is one row, a vector b one
 * column; the result lacks that axis, and nothing is transposed. Where k is 0 the result is 0.
 *
 * @throws ShapeError if inner sizes differ, leading axes do not broadcast, or an operand is a scalar.
 */
export function matmul(a: Tensor, b: Tensor, options: MatmulOptions = {}): Tensor {
  checkFloats('matmul', { a, b });
  checkOptions('matmul', options, 'transposeA transposeB');
  const { transposeA = false, transposeB = false } = options;
  if (b.shape.length === 1) {
    const y = matmul(a, reshape(b, [b.size, 1]), { transposeA });
    return reshape(y, y.shape.slice(0, -1));
  }
  if (a.shape.length === 1) {
    const y = matmul(reshape(a, [1, a.size]), b, { transposeB });
    return reshape(y, y.shape.toSpliced(-2, 1));
  }
  const y = product('matmul', { a, b, transposeA, transposeB });
  return record('matmul', y, [a, b], (g, needs) => [
    needs[0] ? sumTo(leftGradient(g, b, { transposeA, transposeB }), a.shape) : undefined,
    needs[1] ? sumTo(rightGradient(g, a, { transposeA, transposeB }), b.shape) : undefined,
  ]);
}

// y = ab: da = g bᵀ, db = aᵀ g; a transposed operand's gradient is transposed.
function leftGradient(g: Tensor, b: Tensor, { transposeA, transposeB }: Required<MatmulOptions>): Tensor {
  return transposeA
    ? matmul(b, g, { transposeA: transposeB, transposeB: true })
    : matmul(g, b, { transposeB: !transposeB });
}

function rightGradient(g: Tensor, a: Tensor, { transposeA, transposeB }: Required<MatmulOptions>): Tensor {
  return transposeB
    ? matmul(g, a, { transposeA: true, transposeB: transposeA })
    : matmul(a, g, { transposeA: !transposeA });
}

/** Gradient of an activation from its output: the ops that `linear` can undo without its pre-activation. */
export const activationGradients: Record<FusedActivation, (g: Tensor, y: Tensor) => Tensor> = {
  identity: (g) => g,
  relu: reluGrad,
  tanh: tanhGrad,
  sigmoid: sigmoidGrad,
};

/**
 * activation(x @ weight + bias) in one dispatch: x (…, rows, in), weight (…, in, out), bias (…, out) to
 * (…, rows, out). Leading axes as in `matmul`.
 */
export function linear(
  x: Tensor,
  weight: Tensor,
  given?: Tensor,
  activation: FusedActivation = 'identity',
): Tensor {
  const bias = given ?? undefined;
  checkFloats('linear', { x, weight }, { bias });
  if (!Object.hasOwn(activationGradients, activation))
    throw new Error(
      `linear: activation is ${inWords(activation)}; wants ${Object.keys(activationGradients).join(', ')}`,
    );
  const y = product(
    'linear',
    { a: x, b: weight, transposeA: false, transposeB: false },
    { bias, activation },
  );
  const inputs = bias ? [x, weight, bias] : [x, weight];
  const gate = activation === 'identity' ? undefined : activation;
  const vjp: Vjp = (g, needs, way) => {
    const dz = way?.isUngated ? g : activationGradients[activation](g, y);
    const dx = needs[0] ? inputGradient(dz, weight, x, way?.next[0]) : undefined;
    const fused =
      !isRecording() && needs[1] && needs[2] ? weightAndBiasGradient(x, dz, weight, bias!) : undefined;
    return fused
      ? [dx, ...fused]
      : [
          dx,
          needs[1] ? sumTo(matmul(x, dz, { transposeA: true }), weight.shape) : undefined,
          needs[2] ? biasGradient(dz, bias!) : undefined,
        ];
  };
  return record('linear', y, inputs, vjp, gate);
}

/** dz @ weightᵀ of x's shape; on the way to an activation that made x, back through that in the same dispatch. */
function inputGradient(dz: Tensor, weight: Tensor, x: Tensor, next: Destination | undefined): Tensor {
  const lead = broadcastShapes('linear', dz.shape.slice(0, -2), weight.shape.slice(0, -2));
  const isWhole = sameShape(lead, x.shape.slice(0, -2));
  if (!next || !isWhole) return sumTo(matmul(dz, weight, { transposeB: true }), x.shape);
  next.isReached = true;
  const { sum: addend, gate } = next;
  const finish = { addend, gate: { activation: gate, y: x } };
  return product('linear', { a: dz, b: weight, transposeA: false, transposeB: true }, finish);
}

/**
 * Both gradients in one dispatch, if weight and bias are batched alike; its meaning is the two ops that `linear` uses
 * while it records.
 */
function weightAndBiasGradient(
  x: Tensor,
  dz: Tensor,
  weight: Tensor,
  bias: Tensor,
): [Tensor, Tensor] | undefined {
  const lead = weight.shape.slice(0, -2);
  const isBatchedAlike =
    sameShape(bias.shape.slice(0, -1), lead) && (lead.length === 0 || sameShape(x.shape.slice(0, -2), lead));
  if (!isBatchedAlike || x.size === 0) return undefined;
  const [m, n] = [weight.shape.at(-2)!, weight.shape.at(-1)!];
  const k = lead.length === 0 ? x.size / m : x.shape.at(-2)!;
  const options = {
    transposeA: true,
    transposeB: false,
    hasBias: false,
    activation: 'identity',
    hasColumnSum: true,
  } as const;
  const sizes = { m, n, k, matrices: sizeOf(lead) };
  const { y, columnSum } = run(x.backend, sizes, options, {
    inputs: { a: x, b: dz },
    uniforms: { ...sizes, strideA: m * k, strideB: n * k, strideBias: 0 },
    outputs: { y: weight.shape, columnSum: bias.shape },
  });
  return [y!, columnSum!];
}

/** Sum over the rows; a batch of biases keeps its leading axes. */
function biasGradient(dz: Tensor, bias: Tensor): Tensor {
  const lead = bias.shape.slice(0, -1);
  return reshape(sumTo(dz, [...lead, ...(lead.length > 0 ? [1] : []), bias.shape.at(-1)!]), bias.shape);
}

interface Product {
  a: Tensor;
  b: Tensor;
  transposeA: boolean;
  transposeB: boolean;
}

/** What follows on the product before it is stored; addend and gate have the product's shape. */
interface Finish {
  bias?: Tensor | undefined;
  activation?: FusedActivation;
  addend?: Tensor | undefined;
  gate?: { activation: FusedActivation; y: Tensor };
}

function product(
  op: string,
  { a, b, transposeA, transposeB }: Product,
  { bias, activation = 'identity', addend, gate }: Finish = {},
): Tensor {
  const shown = `${show(a.shape)} @ ${show(b.shape)}`;
  if (a.shape.length < 2 || b.shape.length < 2) throw new ShapeError(`${op}: not enough axes, ${shown}`);
  const [m, k] = transposeA ? [a.shape.at(-1)!, a.shape.at(-2)!] : [a.shape.at(-2)!, a.shape.at(-1)!];
  const [inner, n] = transposeB ? [b.shape.at(-1)!, b.shape.at(-2)!] : [b.shape.at(-2)!, b.shape.at(-1)!];
  if (k !== inner) throw new ShapeError(`${op}: inner sizes differ, ${shown}`);
  const lead = broadcastShapes(`${op} ${shown}, leading axes`, a.shape.slice(0, -2), b.shape.slice(0, -2));
  const hasBias = bias !== undefined;
  if (hasBias) checkBias(op, bias, lead, n);

  const [left, right] = [stretched(a, lead), stretched(b, lead)];
  // Without a batch of b, a batch of a is only more rows.
  const isFlat = right.stride === 0 && !transposeA && (!hasBias || bias.shape.length === 1);
  const sizes = isFlat ? { m: sizeOf(lead) * m, n, k, matrices: 1 } : { m, n, k, matrices: sizeOf(lead) };
  const inputs = {
    a: left.x,
    b: right.x,
    ...(hasBias ? { bias } : {}),
    ...(addend ? { addend } : {}),
    ...(gate ? { gate: gate.y } : {}),
  };
  const uniforms = {
    ...sizes,
    strideA: left.stride,
    strideB: right.stride,
    strideBias: hasBias && bias.shape.length > 1 ? n : 0,
  };
  const finish = { ...(addend ? { hasAddend: true } : {}), ...(gate ? { gate: gate.activation } : {}) };
  const options = { transposeA, transposeB, hasBias, activation, ...finish };
  return run(a.backend, sizes, options, { inputs, uniforms, outputs: { y: [...lead, m, n] } }).y!;
}

/** Dispatches the kernel that the rule chooses, or `autotune` chose. */
function run(
  backend: Backend,
  sizes: { m: number; n: number; k: number; matrices: number },
  options: KernelOptions,
  call: Omit<DispatchOptions<string, string, string>, 'workgroups'>,
): Record<string, Tensor> {
  const sharing = sharingOf(backend);
  const key = `matmul ${nameOf(sizes)} ${optionsName(options)}`;
  const plans = () => matmulPlans(sizes, options, sharing);
  return withVariant(backend, key, plans, (plan) => {
    const { kernel, workgroups } = matmulKernel(sizes, options, sharing, plan);
    return dispatch(kernel, { ...call, workgroups });
  });
}

/** A matrix for each of the batch, and their distance. One alone serves all; several that do not fill it are copied. */
function stretched(x: Tensor, lead: Shape): { x: Tensor; stride: number } {
  const matrix = x.shape.slice(-2);
  if (x.size === sizeOf(matrix)) return { x, stride: 0 };
  return { x: broadcastTo(x, [...lead, ...matrix]), stride: sizeOf(matrix) };
}

function checkBias(op: string, bias: Tensor, lead: Shape, n: number): void {
  if (sameShape(bias.shape, [n]) || sameShape(bias.shape, [...lead, n])) return;
  throw new ShapeError(
    `${op}: bias ${show(bias.shape)} for an output of ${show([...lead, n])}; wants ${show([n])}`,
  );
}
