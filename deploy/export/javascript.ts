/** A saved MLP or LeNet as one JavaScript module that needs nothing else. */
import type { Filling } from '../../datasets/dataset.ts';
import { classNames, type NetworkDescription, type ScaledColumns } from '../../study/network-description.ts';
import { parseNetwork } from '../../models/network-spec.ts';
import type { SavedNetwork } from '../../study/saved-network.ts';
import { lenetForward, lenetLayers } from './javascript-lenet.ts';
import { mlpForward, mlpLayers } from './javascript-mlp.ts';
import type { Weights } from './onnx-graph.ts';

/**
 * An ES module for Node, browsers and Deno that exports `targets`, `predict`, of classes `classes`, and of MLPs `inputs`, and `filling` if the
 * study filled in missing numbers; undefined of other networks, which want an engine.
 */
export function javascriptModule({ description, networks }: SavedNetwork): string | undefined {
  const parts = partsOf(description);
  if (!parts) return undefined;
  const { names, layers, forward } = parts;
  const { inputs, extras, targets } = description;
  const classes = classNames(targets);
  return `${heading(description)}
${names}
/** What \`predict\` tells of each row, in this order. */
export const targets = ${JSON.stringify(targets.names)};
${classes ? `\n/** The order of the probabilities. */\nexport const classes = ${JSON.stringify(classes)};\n` : ''}
// Means and standard deviations of the data that it was trained on.
const inputScale = ${scaleText(inputs)};
${extras ? `const extraScale = ${scaleText(extras)};\n` : ''}${classes ? '' : `const targetScale = ${scaleText(targets as ScaledColumns)};\n`}
${classes ? PREDICT_CLASSES : PREDICT}

${forward}

${PARTS}

// ${networks.length > 1 ? 'Networks, whose mean is predicted.' : 'The network.'}
const networks = [
${networks.map((weights) => networkSource(weights, layers)).join('\n')}
];
`;
}

function partsOf(
  description: NetworkDescription,
): { names: string; layers: readonly string[]; forward: string } | undefined {
  const { network, inputs, filling, image, extras } = description;
  const spec = parseNetwork(network, 'network');
  if (spec.kind === 'mlp' && !image) {
    const names = `/** What a row has: numbers in this order, or under these names. */\nexport const inputs = ${JSON.stringify(inputs.names)};`;
    return { names: `${names}${fillingText(filling)}`, layers: mlpLayers(spec), forward: mlpForward(spec) };
  }
  if (spec.kind !== 'lenet') return undefined;
  const names = extras
    ? `/** What stands beside the image, as \`extras\`. */\nexport const extras = ${JSON.stringify(extras.names)};`
    : '';
  return { names, layers: lenetLayers, forward: lenetForward(description) };
}

/** For the user to fill in: `predict` wants numbers. */
function fillingText(filling: Filling | undefined): string {
  if (!filling) return '';
  const about = `What stood for missing numbers in training, in this order: the ${filling.by} of each column.`;
  return `\n/** ${about} */\nexport const filling = ${JSON.stringify(filling.values)};`;
}

function heading({
  network,
  method,
  seed,
  limbeck,
  inputs,
  image,
  extras,
  targets,
}: NetworkDescription): string {
  const listOf = ({ names }: { readonly names: readonly string[] }) =>
    names.map((name) => `'${name}'`).join(', ');
  const planes = image && (image.channels ?? 1) > 1 ? 'red, then green, then blue' : 'greys';
  const size = image && `{ image: ${planes} of ${image.height} rows of ${image.width}, 0 to 255`;
  const row = size
    ? `${size}${extras ? ', extras: [1, 2] }' : ' }'}`
    : `[${inputs.names.map((_, i) => i + 1).join(', ')}]`;
  const lines = [
    `${listOf(targets)} from ${listOf(inputs)}: ${network},`,
    `trained by Limbeck ${limbeck} (method ${method}, seed ${seed}).`,
    '',
    "    import { predict } from './student.js';",
    `    predict([${row}]); // a list of rows in, a list of rows out`,
  ];
  // A column may be called anything, also what would end the comment.
  const safe = lines.map((line) => line.replaceAll('*/', '* /').replaceAll(/[\r\n\u2028\u2029]/g, ' '));
  return `/**\n${safe.map((line) => ` * ${line}`.trimEnd()).join('\n')}\n */\n`;
}

/** Decimal numbers that are read back exactly. */
function scaleText({ mean, deviation }: ScaledColumns): string {
  return `{ mean: ${JSON.stringify(mean)}, deviation: ${JSON.stringify(deviation)} }`;
}

/** Layers by the names that such a network has, not by what a file says. */
function networkSource(weights: Weights, names: readonly string[]): string {
  const text = (name: string) => `numbers('${base64Of(weights.get(name)!.values)}')`;
  const layers = names.map(
    (name) => `    '${name}': { weight: ${text(`${name}.weight`)}, bias: ${text(`${name}.bias`)} },`,
  );
  return `  {\n${layers.join('\n')}\n  },`;
}

function base64Of(values: ArrayLike<number>): string {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  for (let i = 0; i < values.length; i++) view.setFloat32(4 * i, values[i]!, true);
  return btoa(Array.from(new Uint8Array(view.buffer), (byte) => String.fromCharCode(byte)).join(''));
}

const PREDICT = `/** What the network predicts for each row. All numbers are in the data's own units. */
export function predict(rows) {
  return Array.from(rows, (row, i) => {
    const outputs = networks.map((layers) => forward(layers, row, \`row \${i}\`));
    return targets.map((_, k) => {
      const mean = outputs.reduce((sum, y) => sum + y[k], 0) / networks.length;
      return mean * targetScale.deviation[k] + targetScale.mean[k];
    });
  });
}`;

const PREDICT_CLASSES = `/** Of each row the class that is most likely, and the probability of each in the order of \`classes\`. */
export function predict(rows) {
  return Array.from(rows, (row, i) => {
    const outputs = networks.map((layers) => forward(layers, row, \`row \${i}\`));
    const logits = classes.map((_, k) => outputs.reduce((sum, y) => sum + y[k], 0) / networks.length);
    const most = Math.max(...logits);
    const shares = logits.map((logit) => Math.exp(logit - most));
    const total = shares.reduce((sum, share) => sum + share, 0);
    return { class: classes[logits.indexOf(most)], probabilities: shares.map((share) => share / total) };
  });
}`;

const PARTS = `/** Numbers of a row, standardised to float32, as in training. */
function columns(names, { mean, deviation }, row, where) {
  return names.map((name, j) => {
    const value = Array.isArray(row) || ArrayBuffer.isView(row) ? row[j] : row?.[name];
    if (!Number.isFinite(value)) throw new TypeError(\`\${where}: \${name} is \${value}; wants a number\`);
    return Math.fround((value - mean[j]) / deviation[j]);
  });
}

/** x @ weight + bias; weight (inputs, outputs). */
function linear({ weight, bias }, x) {
  const sums = Float64Array.from(bias);
  for (let i = 0; i < x.length; i++)
    for (let j = 0; j < sums.length; j++) sums[j] += x[i] * weight[i * sums.length + j];
  return sums;
}

/** float32 numbers, which are written as base64 to be exact and short. */
function numbers(base64) {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Float64Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
}`;
