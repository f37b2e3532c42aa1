/** A saved network as an ONNX model that takes and gives the data's own units. */
import { packageVersion } from '../../base/package-version.ts';
import {
  classNames,
  type NetworkDescription,
  type ScaledColumns,
  type TargetColumns,
} from '../../study/network-description.ts';
import type { SavedNetwork } from '../../study/saved-network.ts';
import { OnnxGraph } from './onnx-graph.ts';
import { encodeOnnx, type OnnxValue } from './onnx-model.ts';
import { networkNodes } from './onnx-networks.ts';

/**
 * Inputs are `x` (batch, columns), or `image` (batch, channels, height, width) with pixels from 0 to 255 and, if the network
 * has them, `extras` (batch, numbers); the output is `y` (batch, targets), of classes the probability of each, in the order of
 * the metadata's `classes`. Columns are double, and so is what brings them
 * to the network's scale and back: float32 has no digits left for columns that are far from zero against their spread. The
 * network between is float32, and so are greys, which it holds exactly. The names of the columns are in the metadata as
 * JSON, and what stands for missing inputs in training, "filling": the model wants numbers.
 */
export function onnxModel({ description, networks }: SavedNetwork): Uint8Array<ArrayBuffer> {
  const { method, seed, network, inputs, filling, image, extras, targets } = description;
  const graph = new OnnxGraph();
  const input = inputValue(description);
  const given = {
    x: standardised(graph, input, inputs),
    isImage: image !== undefined,
    extras: extras && standardised(graph, { name: 'extras', type: 'double' }, extras),
  };
  const outputs = networks.map((weights, k) => {
    const prefix = networks.length > 1 ? `fold.${k}.` : '';
    return networkNodes({ graph, weights, prefix }, network, given);
  });
  const y = meanOf(graph, outputs);
  const classes = classNames(targets);
  if (classes) probabilities(graph, y);
  else inDataUnits(graph, y, targets as ScaledColumns);
  const extraValue = extras && {
    ...{ name: 'extras', type: 'double' as const },
    shape: ['batch', extras.names.length] as const,
  };
  return encodeOnnx({
    name: method,
    description: `${network}, trained by limbeck (${method}, seed ${seed}); takes and gives the data's own units`,
    version: packageVersion,
    metadata: {
      inputs: JSON.stringify(image ? [imageWords(image)] : inputs.names),
      ...(extras ? { extras: JSON.stringify(extras.names) } : {}),
      ...(filling ? { filling: JSON.stringify(filling) } : {}),
      targets: JSON.stringify(targets.names),
      ...(classes ? { classes: JSON.stringify(classes) } : {}),
      ...{ network, method, seed: String(seed) },
    },
    inputs: [input, ...(extraValue ? [{ ...extraValue, description: extras.names.join(', ') }] : [])],
    outputs: [
      {
        ...{ name: 'y', type: 'double' },
        shape: ['batch', outputNames(targets).length],
        description: outputNames(targets).join(', '),
      },
    ],
    nodes: graph.nodes,
    constants: graph.constants,
  });
}

/** A number of `y` each. */
function outputNames(targets: TargetColumns): readonly string[] {
  return classNames(targets) ?? targets.names;
}

function imageWords({ channels = 1, width, height }: NonNullable<NetworkDescription['image']>): string {
  return `image, ${width}x${height}${channels === 1 ? '' : `, ${channels} channels`}`;
}

function inputValue({ inputs, image }: NetworkDescription): OnnxValue {
  if (!image)
    return {
      ...{ name: 'x', type: 'double' },
      shape: ['batch', inputs.names.length],
      description: inputs.names.join(', '),
    };
  const { channels = 1, height, width } = image;
  const kind = channels === 1 ? 'grey pixels' : 'planes of red, green and blue pixels';
  const shape = ['batch', channels, height, width] as const;
  return { name: 'image', type: 'float', shape, description: `${kind}, 0 to 255` };
}

/** (x - mean) / deviation in double; then float32, as `standardise` does it. */
function standardised(
  graph: OnnxGraph,
  { name: x, type }: Pick<OnnxValue, 'name' | 'type'>,
  { mean, deviation, names }: ScaledColumns,
): string {
  const part = (name: string, values: readonly number[]) =>
    graph.constant(`${x}.${name}`, values, [names.length], 'double');
  const wide = type === 'double' ? x : graph.cast(`${x}.double`, x, 'double');
  const centred = graph.add('Sub', `${x}.centred`, [wide, part('mean', mean)]);
  const scaled = graph.add('Div', `${x}.standardised`, [centred, part('deviation', deviation)]);
  return graph.cast(`${x}.float`, scaled, 'float');
}

function meanOf(graph: OnnxGraph, outputs: readonly string[]): string {
  return outputs.length === 1 ? outputs[0]! : graph.add('Mean', 'mean_of_folds', outputs);
}

/** Softmax of the logits, in double as `predict` has it. */
function probabilities(graph: OnnxGraph, logits: string): void {
  graph.add('Softmax', 'y', [graph.cast('y.double', logits, 'double')], { axis: 1 });
}

function inDataUnits(graph: OnnxGraph, y: string, { mean, deviation, names }: ScaledColumns): void {
  const part = (name: string, values: readonly number[]) =>
    graph.constant(`y.${name}`, values, [names.length], 'double');
  const wide = graph.cast('y.double', y, 'double');
  const scaled = graph.add('Mul', 'y.scaled', [wide, part('deviation', deviation)]);
  graph.add('Add', 'y', [scaled, part('mean', mean)]);
}
