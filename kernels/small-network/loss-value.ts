/** The loss of a turn's rows with its derivatives, and the mean over the batch, in the order of the ordinary kernel. */
import { addTo, closeSum, openSum } from '../math/math-sum.ts';
import { COLUMNS, derivativeName, elementFunction } from '../training/fused-loss.ts';
import { range, type SmallTraining } from './description.ts';
import { names } from './forward.ts';

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
  const { loss, network, batch, lanes } = training;
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
  // Element e is lane e mod lanes of vector e / lanes.
  const isFull = batch % turn === 0;
  if (outputs === 1)
    lines.push(`{ let k = turnFirst / ${lanes}u;
      let isOwn = ((lane ^ turnFirst) & ${lanes - turn}u) == 0u${isFull ? '' : ' && row < uniforms.batch'};
      values[k] = select(values[k], element0.value, isOwn); }`);
  else
    lines.push(`var elements: array<f32, ${outputs}>;
    ${range(outputs)
      .map((o) => `elements[${o}] = element${o}.value;`)
      .join(' ')}
    for (var r = 0u; r < ${turn}u + nought_; r++) {
      for (var o = 0u; o < ${outputs}u + nought_; o++) {
        let e = (turnFirst + r) * ${outputs}u + o;
        let k = e / ${lanes}u;
        let isOwn = lane == e % ${lanes}u${isFull ? '' : ' && e < uniforms.size'};
        values[k] = select(values[k], subgroupShuffle(elements[o], r), isOwn);
      }
    }`);
  return lines.join('\n');
}

/** Vectors of the array `values`. */
export function valuesSize(training: SmallTraining): number {
  return Math.ceil(Math.max(elementsOf(training), COLUMNS) / training.lanes);
}

/**
 * WGSL statements that leave the mean in `loss`. As the ordinary kernel adds: columns of every 256th element, four quarters of
 * them with what is lost, then a binary tree. A lane has every so manieth column; where there is no element, there is a zero.
 */
export function meanLoss(training: SmallTraining): string {
  const { lanes } = training;
  const columns = COLUMNS / lanes;
  const quarter = columns / 4;
  const isLong = elementsOf(training) > COLUMNS;
  const turns: string[] = [];
  for (let half = lanes / 2; half >= 1; half /= 2)
    turns.push(`part = seal_(part + subgroupShuffleXor(part, ${half}u), nought_);`);
  const addUp = (end: string, step: number) => `for (var k = 0u; k < ${end}; k++) {
    ${openSum('sum_', 'values[k]')}
    for (var i = k + ${step}u; i < vectors; i += ${step}u) ${addTo('sum_', 'values[i]')}
    values[k] = ${closeSum('sum_')};
  }`;
  return `var vectors = (uniforms.size + ${lanes - 1}u) / ${lanes}u;
  ${isLong ? `${addUp(`${columns}u + nought_`, columns)}\nvectors = ${columns}u;` : ''}
  ${addUp(`min(vectors, ${quarter}u)`, quarter)}
  for (var half = ${quarter / 2}u; half > 0u; half >>= 1u) {
    for (var k = 0u; k < half; k++) { values[k] += values[k + half]; }
  }
  var part = values[0];
  ${turns.join('\n  ')}
  ${openSum('total_')}
  ${addTo('total_', 'part')}
  let loss = ${closeSum('total_')} / f32(uniforms.size);`;
}
