/** A saved MLP as one JavaScript module that needs nothing else. */
import { parseNetwork } from '../network-spec.ts';
import type { NetworkDescription } from '../network-description.ts';
import type { SavedNetwork } from '../saved-network.ts';
import { activationSources } from './activation-sources.ts';
import type { Weights } from './onnx-graph.ts';

/**
 * An ES module that exports `inputs`, `targets` and `predict`, for Node, browsers and Deno; undefined of networks for
 * images, which want an engine.
 */
export function javascriptModule({ description, networks }: SavedNetwork): string | undefined {
  const spec = parseNetwork(description.network, 'network');
  const { inputs, image, targets } = description;
  if (spec.kind !== 'mlp' || image) return undefined;
  const layers = [...spec.widths.map((_, i) => `trunk.${i}`), 'label.0'];
  const scale = ({ mean, deviation }: NetworkDescription['inputs']) =>
    `{ mean: ${JSON.stringify(mean)}, deviation: ${JSON.stringify(deviation)} }`;
  return `${heading(description)}
/** What \`predict\` wants, and in which order. */
export const inputs = ${JSON.stringify(inputs.names)};
/** What it returns. */
export const targets = ${JSON.stringify(targets.names)};

// Means and standard deviations of the data that it was trained on.
const inputScale = ${scale(inputs)};
const targetScale = ${scale(targets)};

${activationSources[spec.activation]}

${NUMBERS}

// ${networks.length > 1 ? 'Networks, whose mean is predicted, of layers' : 'Layers'}: activation(x @ weight + bias), the last without an activation.
const networks = [
${networks.map((weights) => networkSource(weights, layers)).join('\n')}
];
${PREDICT}`;
}

function heading({ network, method, seed, limbeck, inputs, targets }: NetworkDescription): string {
  const [names, wanted] = [inputs.names.map((name) => `'${name}'`), targets.names.map((name) => `'${name}'`)];
  const lines = [
    `${wanted.join(', ')} from ${names.join(', ')}: ${network},`,
    `trained by Limbeck ${limbeck} (method ${method}, seed ${seed}).`,
    '',
    "    import { predict } from './student.js';",
    `    predict([[${names.map((_, i) => i + 1).join(', ')}]]);   // rows of inputs in, rows of targets out`,
  ];
  // A column may be called anything, also what would end the comment.
  return `/**\n${lines.map((line) => ` * ${line.replaceAll('*/', '* /').replaceAll(/[\r\n\u2028\u2029]/g, ' ')}`.trimEnd()).join('\n')}\n */\n`;
}

const NUMBERS = `/** float32 numbers, which are written as base64 to be exact and short. */
function numbers(base64) {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Float64Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
}`;

/** Layers by the names that such a network has, not by what a file says. */
function networkSource(weights: Weights, names: readonly string[]): string {
  const text = (name: string) => `numbers('${base64Of(weights.get(name)!.values)}')`;
  const layers = names.map((name) => {
    const [inputs, outputs] = weights.get(`${name}.weight`)!.shape;
    return `    // ${name}: ${inputs} to ${outputs}\n    { weight: ${text(`${name}.weight`)}, bias: ${text(`${name}.bias`)} },`;
  });
  return `  [\n${layers.join('\n')}\n  ],`;
}

function base64Of(values: ArrayLike<number>): string {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  for (let i = 0; i < values.length; i++) view.setFloat32(4 * i, values[i]!, true);
  return btoa(Array.from(new Uint8Array(view.buffer), (byte) => String.fromCharCode(byte)).join(''));
}

const PREDICT = `
/**
 * What the network predicts for each row: a list of numbers in the order of \`targets\`. A row is a list of numbers in the
 * order of \`inputs\`, or an object with these names. All are in the data's own units.
 */
export function predict(rows) {
  return Array.from(rows, (row, i) => {
    const x = inputs.map((name, j) => {
      const value = Array.isArray(row) || ArrayBuffer.isView(row) ? row[j] : row[name];
      if (!Number.isFinite(value)) throw new TypeError(\`row \${i}: \${name} is \${value}; wants a number\`);
      return Math.fround((value - inputScale.mean[j]) / inputScale.deviation[j]);
    });
    const outputs = networks.map((layers) => forward(layers, x));
    return targets.map((_, k) => {
      const mean = outputs.reduce((sum, y) => sum + y[k], 0) / networks.length;
      return mean * targetScale.deviation[k] + targetScale.mean[k];
    });
  });
}

function forward(layers, x) {
  return layers.reduce((given, { weight, bias }, depth) => {
    const sums = Float64Array.from(bias);
    for (let i = 0; i < given.length; i++)
      for (let j = 0; j < sums.length; j++) sums[j] += given[i] * weight[i * sums.length + j];
    return depth < layers.length - 1 ? sums.map(activation) : sums;
  }, x);
}
`;
