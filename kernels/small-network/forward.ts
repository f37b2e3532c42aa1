/** The forward pass of a turn: rows of a batch go through the network, `T` at once. */
import { range, type SmallTraining } from './description.ts';
import { from, numberOf, transposed } from './lanes.ts';
import type { Layout } from './layout.ts';

/** Names that the parts of a turn share. */
export const names = {
  input: (i: number) => `x[${i}]`,
  /** Before the activation, and behind it: of layer d, row r, block c. */
  sum: (d: number, r: number, c: number) => `z${d}r${r}c${c}`,
  hidden: (d: number, r: number, c: number) => `h${d}r${r}c${c}`,
  /** Of a head: what it predicts, and the loss's derivative by that; a lane has a row. */
  prediction: (head: number, o: number) => `pred${head}o${o}`,
  derivative: (head: number, o: number) => `slope${head}o${o}`,
  column: (column: number, o: number) => `c${column}[${o}]`,
};

/** Of a row that are written out. */
const MOST_LOADS = 4;

/**
 * WGSL statements. A lane loads a row; a layer's columns then lie over the lanes, each of which adds the products of its
 * column in their order; for the heads a lane has a row again.
 */
export function forwardPass({ network, loss, lanes }: SmallTraining, layout: Layout, turn: number): string {
  const { inputs, hidden, heads, outputs } = network;
  const lines: string[] = [];
  lines.push(loadRow('x', 0, inputs), ...columnsOf(loss).map((c) => loadRow(`c${c}`, c, outputs)));

  for (const [d, { weights, biases }] of layout.hidden.entries()) {
    for (const r of range(turn)) {
      const given = (i: number) =>
        d === 0 ? from(r, names.input(i)) : numberOf(i, lanes, (c) => names.hidden(d - 1, r, c));
      for (const c of biases.keys()) lines.push(`var ${names.sum(d, r, c)} = 0.0;`);
      for (const [i, blocks] of weights.entries())
        for (const [c, k] of blocks.entries()) lines.push(`${names.sum(d, r, c)} += ${given(i)} * P[${k}];`);
      for (const [c, k] of biases.entries()) {
        // Sealed, for lavapipe would compute (a * b + c * d) + bias as (bias + a * b) + c * d.
        lines.push(`${names.sum(d, r, c)} = seal_(${names.sum(d, r, c)}, nought_) + P[${k}];`);
        lines.push(`let ${names.hidden(d, r, c)} = activate${d}(${names.sum(d, r, c)});`);
      }
    }
  }

  const last = hidden.length - 1;
  const features = layout.hidden[last]!.biases.flatMap((_, c) => {
    const rows = range(lanes).map((l) => names.hidden(last, l % turn, c));
    const { text, names: columns } = transposed(`feature${c}_`, rows, lanes);
    lines.push(text);
    return columns;
  });
  for (const h of heads.keys()) {
    for (const o of range(outputs)) {
      const name = names.prediction(h, o);
      const bias = numberOf(h * outputs + o, lanes, (c) => `P[${layout.headBiases[c]}]`);
      lines.push(`var ${name} = 0.0;`);
      for (const i of range(hidden[last]!.width))
        lines.push(
          `${name} += ${features[i]} * ${numberOf(i, lanes, (c) => `P[${layout.heads[h]![o]![c]}]`)};`,
        );
      // Also behind it, as all that an ordinary kernel would read from memory and a compiler might refold here.
      lines.push(`${name} = seal_(seal_(${name}, nought_) + ${bias}, nought_);`);
    }
  }
  return lines.join('\n');
}

/** A lane's row of a column as an array: in a loop where there are many numbers, for a load is a long text to drivers. */
function loadRow(name: string, column: number, width: number): string {
  const load = (i: string) =>
    `${name}[${i}] = data[uniforms.from${column} + at * uniforms.width${column} + ${i}];`;
  const loads =
    width > MOST_LOADS
      ? [`for (var i = 0u; i < ${width}u + nought_; i++) { ${load('i')} }`]
      : range(width).map((i) => load(`${i}u`));
  return [`var ${name}: array<f32, ${width}>;`, ...loads].join('\n');
}

/** The columns of the batch that a loss reads, each once. */
export function columnsOf({ inputs }: SmallTraining['loss']): number[] {
  const columns = Object.values(inputs).flatMap((input) => ('column' in input ? [input.column] : []));
  return [...new Set(columns)];
}
