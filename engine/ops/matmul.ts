/** Matrix products: `matmul` with optional transposes and batches, and `linear` with bias and activation fused. */
import { type FusedActivation, matmulKernel } from '../../kernels/matmul.ts';
import { dispatch, folded } from '../dispatch.ts';
import { sameShape, type Shape, ShapeError, show, sizeOf } from '../shape.ts';
import { isRecording, record } from '../tape.ts';
import type { Tensor } from '../tensor.ts';
import { reluGrad, sigmoidGrad, tanhGrad } from './elementwise.ts';
import { reshape } from './movement.ts';
import { sumTo } from './reduce.ts';

export type { FusedActivation };

export interface MatmulOptions {
  transposeA?: boolean;
  transposeB?: boolean;
}

/**
 * Matrix product of the last two axes, batched over the leading ones: (…, m, k) @ (…, k, n) to (…, m, n). The leading
 * axes of a and b are equal, or one has none. `transposeA` takes a as (…, k, m), `transposeB` b as (…, n, k).
 */
export function matmul(
  a: Tensor,
  b: Tensor,
  { transposeA = false, transposeB = false }: MatmulOptions = {},
): Tensor {
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
const activationGradients: Record<FusedActivation, (g: Tensor, y: Tensor) => Tensor> = {
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
  bias?: Tensor,
  activation: FusedActivation = 'identity',
): Tensor {
  const y = product('linear', { a: x, b: weight, transposeA: false, transposeB: false }, bias, activation);
  const inputs = bias ? [x, weight, bias] : [x, weight];
  return record('linear', y, inputs, (g, needs) => {
    const dz = activationGradients[activation](g, y);
    const dx = needs[0] ? sumTo(matmul(dz, weight, { transposeB: true }), x.shape) : undefined;
    const fused =
      !isRecording() && needs[1] && needs[2] ? weightAndBiasGradient(x, dz, weight, bias!) : undefined;
    return fused
      ? [dx, ...fused]
      : [
          dx,
          needs[1] ? sumTo(matmul(x, dz, { transposeA: true }), weight.shape) : undefined,
          needs[2] ? biasGradient(dz, bias!) : undefined,
        ];
  });
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
  const { kernel, workgroups } = matmulKernel({ m, n, k }, options);
  const { y, columnSum } = dispatch(kernel, {
    inputs: { a: x, b: dz },
    uniforms: { m, n, k, strideA: m * k, strideB: n * k, strideBias: 0 },
    outputs: { y: weight.shape, columnSum: bias.shape },
    workgroups: [...folded(workgroups), sizeOf(lead)],
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

function product(
  op: string,
  { a, b, transposeA, transposeB }: Product,
  bias?: Tensor,
  activation: FusedActivation = 'identity',
): Tensor {
  const fail = (what: string) => new ShapeError(`${op}: ${what}, ${show(a.shape)} @ ${show(b.shape)}`);
  if (a.shape.length < 2 || b.shape.length < 2) throw fail('wants two axes or more');
  const [m, k] = transposeA ? [a.shape.at(-1)!, a.shape.at(-2)!] : [a.shape.at(-2)!, a.shape.at(-1)!];
  const [inner, n] = transposeB ? [b.shape.at(-1)!, b.shape.at(-2)!] : [b.shape.at(-2)!, b.shape.at(-1)!];
  if (k !== inner) throw fail('inner sizes differ');
  const leadA = a.shape.slice(0, -2);
  const leadB = b.shape.slice(0, -2);
  if (leadA.length > 0 && leadB.length > 0 && !sameShape(leadA, leadB)) throw fail('leading axes differ');
  const lead: Shape = leadA.length > 0 ? leadA : leadB;
  const hasBias = bias !== undefined;
  if (hasBias) checkBias(op, bias, lead, n);

  // Without a batch of b, a batch of a is only more rows.
  const isFlat = leadB.length === 0 && !transposeA && (!hasBias || bias.shape.length === 1);
  const sizes = { m: isFlat ? sizeOf(lead) * m : m, n, k };
  const { kernel, workgroups } = matmulKernel(sizes, { transposeA, transposeB, hasBias, activation });
  const inputs = { a, b, ...(hasBias ? { bias } : {}) };
  const uniforms = {
    ...sizes,
    strideA: leadA.length > 0 ? m * k : 0,
    strideB: leadB.length > 0 ? k * n : 0,
    strideBias: hasBias && bias.shape.length > 1 ? n : 0,
  };
  const matrices = isFlat ? 1 : sizeOf(lead);
  return dispatch(kernel, {
    inputs,
    uniforms,
    outputs: { y: [...lead, m, n] },
    workgroups: [...folded(workgroups), matrices],
  }).y!;
}

function checkBias(op: string, bias: Tensor, lead: Shape, n: number): void {
  if (sameShape(bias.shape, [n]) || sameShape(bias.shape, [...lead, n])) return;
  throw new ShapeError(
    `${op}: bias ${show(bias.shape)} for an output of ${show([...lead, n])}; wants ${show([n])}`,
  );
}
