/** The backward pass of a turn, and the gradients it adds to. */
import { smallActivations } from './activations.ts';
import { range, type SmallTraining } from './description.ts';
import { names } from './forward.ts';
import { from, numberOf, transposed } from './lanes.ts';
import type { Layout } from './layout.ts';

/** The gradient by what a layer adds up, before its activation. */
const gradient = (d: number, r: number, c: number) => `dz${d}r${r}c${c}`;

/** Where the transposes of the layers behind the first begin in the array `transposes`, and how many vectors they are. */
function transposeStarts({ hidden }: Layout): { starts: number[]; count: number } {
  let count = 0;
  const starts = hidden.map((_, d) => {
    if (d === 0) return 0;
    const before = hidden[d - 1]!.biases.length;
    const start = count;
    count += hidden[d]!.biases.length * before;
    return start;
  });
  return { starts, count };
}

/** Vectors of the array `transposes`, with lanes for the outputs of each layer behind the first. */
export function transposesSize(layout: Layout, { lanes }: SmallTraining): number {
  return transposeStarts(layout).count * lanes;
}

/** Blocks of a layer that are transposed one after another, in a loop: written out they would be a long text. */
const MOST_BLOCKS = 4;

/** WGSL statements, once a step: inputs of a layer over the lanes, for each of its columns. */
export function transposeWeights(layout: Layout, { lanes }: SmallTraining): string {
  const { starts } = transposeStarts(layout);
  const lines: string[] = [];
  for (const [d, { weights, biases }] of layout.hidden.entries()) {
    if (d === 0) continue;
    const before = layout.hidden[d - 1]!.biases.length;
    const own = biases.length;
    const turned = (h: string, c: string, row: (l: number) => string) => {
      const { text, names: columns } = transposed('turned', range(lanes).map(row), lanes);
      const stores = columns.map(
        (column, j) =>
          `transposes[${starts[d]! * lanes}u + (${c} * ${lanes}u + ${j}u) * ${before}u + ${h}] = ${column};`,
      );
      return `{ ${text} ${stores.join(' ')} }`;
    };
    if (before * own > MOST_BLOCKS) {
      // Vectors of a layer follow each other by input, then by block of columns.
      const row = (l: number) => {
        const text = `P[${weights[0]![0]}u + (h * ${lanes}u + ${l}u) * ${own}u + c]`;
        const isFull = weights.length % lanes === 0;
        return isFull ? text : `select(0.0, ${text}, h * ${lanes}u + ${l}u < ${weights.length}u)`;
      };
      lines.push(`for (var h = 0u; h < ${before}u + nought_; h++) {
        for (var c = 0u; c < ${own}u + nought_; c++) ${turned('h', 'c', row)}
      }`);
      continue;
    }
    for (const h of range(before))
      for (const c of range(own)) {
        const row = (l: number) => {
          const k = weights[h * lanes + l]?.[c];
          return k === undefined ? '0.0' : `P[${k}]`;
        };
        lines.push(turned(`${h}u`, `${c}u`, row));
      }
  }
  return lines.join('\n');
}

/** WGSL statements: from the loss's derivatives to those by the sums of every layer. */
export function backwardPass({ network, lanes }: SmallTraining, layout: Layout, turn: number): string {
  const { hidden, heads, outputs } = network;
  const { starts } = transposeStarts(layout);
  const last = hidden.length - 1;
  const lines: string[] = [];
  const ungated = (d: number, r: number, c: number, cotangent: string) => {
    const { gradientOf } = smallActivations[hidden[d]!.activation];
    const known = (gradientOf === 'output' ? names.hidden : names.sum)(d, r, c);
    lines.push(`let ${gradient(d, r, c)} = ungate${d}(${cotangent}, ${known});`);
  };
  for (const r of range(turn))
    for (const c of layout.hidden[last]!.biases.keys()) {
      const parts = heads.map((_, h) => {
        const part = `part${h}r${r}c${c}`;
        lines.push(`var ${part} = 0.0;`);
        for (const o of range(outputs))
          lines.push(`${part} += ${from(r, names.derivative(h, o))} * P[${layout.heads[h]![o]![c]}];`);
        return heads.length > 1 ? `seal_(${part}, nought_)` : part;
      });
      ungated(last, r, c, parts.join(' + '));
    }
  for (let d = last; d > 0; d--) {
    const before = layout.hidden[d - 1]!.biases.length;
    for (const r of range(turn)) {
      const sum = (h: number) => `dh${d}r${r}c${h}`;
      for (const h of range(before)) lines.push(`var ${sum(h)} = 0.0;`);
      for (const j of range(hidden[d]!.width))
        for (const h of range(before)) {
          const given = numberOf(j, lanes, (c) => gradient(d, r, c));
          lines.push(`${sum(h)} += ${given} * transposes[${starts[d]! * lanes + j * before + h}];`);
        }
      for (const h of range(before)) ungated(d - 1, r, h, sum(h));
    }
  }
  return lines.join('\n');
}

/** WGSL statements that add a turn's products to the gradients `G`, row after row. */
export function gradientSums({ network, lanes }: SmallTraining, layout: Layout, turn: number): string {
  const { outputs, heads, hidden } = network;
  const lines: string[] = [];
  const add = (k: number, term: (r: number) => string) => {
    const terms = range(turn).map((r) => `sum += ${term(r)};`);
    lines.push(`{ var sum = G[${k}]; ${terms.join(' ')} G[${k}] = sum; }`);
  };
  for (const [d, { weights, biases }] of layout.hidden.entries())
    for (const c of biases.keys()) {
      for (const [i, blocks] of weights.entries())
        add(blocks[c]!, (r) => {
          const given =
            d === 0 ? from(r, names.input(i)) : numberOf(i, lanes, (b) => names.hidden(d - 1, r, b));
          return `${given} * ${gradient(d, r, c)}`;
        });
      add(biases[c]!, (r) => gradient(d, r, c));
    }
  const last = hidden.length - 1;
  const derivatives = heads.flatMap((_, h) => range(outputs).map((o) => names.derivative(h, o)));
  for (const [h, head] of layout.heads.entries())
    for (const [o, blocks] of head.entries())
      for (const [c, k] of blocks.entries())
        add(k, (r) => `${names.hidden(last, r, c)} * ${from(r, names.derivative(h, o))}`);
  for (const [c, k] of layout.headBiases.entries()) {
    const own = derivatives.slice(c * lanes, (c + 1) * lanes);
    add(k, (r) =>
      own.reduce(
        (text, name, l) => (l === 0 ? from(r, name) : `select(${text}, ${from(r, name)}, lane == ${l}u)`),
        '',
      ),
    );
  }
  return lines.join('\n');
}
