/** The loss of a turn's rows with its derivatives, and the mean over the batch, in the order of the ordinary kernel. */
import { addTo, closeSum, openSum } from '../math/math-sum.ts';
import { COLUMNS, derivativeName, elementFunction } from '../training/fused-loss.ts';
import { range, type SmallTraining } from './description.ts';
import { names } from './forward.ts';
import { from } from './lanes.ts';

/** Elements of a batch at most: those of one block of the ordinary kernel, and few enough to be kept. */
export const MOST_ELEMENTS = 1024;

export function elementsOf({ batch, network }: SmallTraining): number {
  return batch * network.outputs;
}

/** The name of a loss's parameter among the uniforms, which an optimiser has as well. */
export function lossUniform(name: string): string {
  return `loss${name[0]!.toUpperCase()}${name.slice(1)}`;
}

/** WGSL of the function of one element. */
export function lossFunction({ loss }: SmallTraining): string {
  const { inputs, wrt, stepParams, element } = loss;
  const text = elementFunction({ inputs: Object.keys(inputs), wrt, stepParams, element });
  return text.replaceAll(/\buniforms\.(\w+)/g, (_, name: string) => `uniforms.${lossUniform(name)}`);
}

/** WGSL statements: the derivatives of a turn's rows, and their values into `values`. */
export function lossOfTurn(training: SmallTraining, turn: number): string {
  const { loss, network, batch } = training;
  const { outputs } = network;
  const lines: string[] = [];
  for (const o of range(outputs)) {
    const args = Object.values(loss.inputs).map((input) =>
      'head' in input ? names.prediction(input.head, o) : names.column(input.column, o),
    );
    lines.push(`let element${o} = element_(${args.join(', ')});`);
    for (const key of loss.wrt) {
      const input = loss.inputs[key]!;
      if (!('head' in input)) continue;
      const derivative = `seal_(element${o}.${derivativeName(key)} * scale_, nought_)`;
      // A turn that the batch does not fill repeats its last row: to no effect.
      const own = batch % turn === 0 ? derivative : `select(0.0, ${derivative}, row < uniforms.batch)`;
      lines.push(`let ${names.derivative(input.head, o)} = ${own};`);
    }
  }
  for (const r of range(turn))
    for (const o of range(outputs))
      lines.push(`values[(turnFirst + ${r}u) * ${outputs}u + ${o}u] = ${from(r, `element${o}.value`)};`);
  return lines.join('\n');
}

/** Numbers of the array `values`. */
export function valuesSize(training: SmallTraining, turn: number): number {
  const { batch, network } = training;
  return Math.max(Math.ceil(batch / turn) * turn * network.outputs, Math.min(COLUMNS, elementsOf(training)));
}

/**
 * WGSL statements that leave the mean in `loss`. As the ordinary kernel adds: columns of every 256th element, four quarters of
 * them with what is lost, then a binary tree. A column without an element adds nothing and is left out.
 */
export function meanLoss(training: SmallTraining): string {
  const size = elementsOf(training);
  const columns = Math.min(size, COLUMNS);
  const quarter = COLUMNS / 4;
  const lines: string[] = [];
  if (size > COLUMNS)
    lines.push(`for (var column = 0u; column < ${COLUMNS}u; column++) {
    ${openSum('sum_')}
    for (var i = column; i < uniforms.size; i += ${COLUMNS}u) ${addTo('sum_', 'values[i]')}
    values[column] = ${closeSum('sum_')};
  }`);
  let count = Math.min(quarter, columns);
  for (const i of range(count)) {
    const others = [1, 2, 3].map((q) => i + q * quarter).filter((column) => column < columns);
    lines.push(openSum(`part${i}`, `values[${i}]`));
    lines.push(...others.map((column) => addTo(`part${i}`, `values[${column}]`)));
    lines.push(`var part${i}Sum = ${closeSum(`part${i}`)};`);
  }
  for (let half = quarter / 2; half >= 1; half /= 2) {
    for (const i of range(half)) if (i + half < count) lines.push(`part${i}Sum += part${i + half}Sum;`);
    count = Math.min(count, half);
  }
  lines.push(openSum('total_'), addTo('total_', 'part0Sum'));
  lines.push(`let loss = ${closeSum('total_')} / f32(uniforms.size);`);
  return lines.join('\n');
}
