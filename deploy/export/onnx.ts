/** A saved network as an ONNX model that takes and gives the data's own units. */
import { packageVersion } from '../../base/package-version.ts';
import type { NetworkDescription, ScaledColumns } from '../../study/network-description.ts';
import type { SavedNetwork } from '../../study/saved-network.ts';
import { OnnxGraph } from './onnx-graph.ts';
import { encodeOnnx, type OnnxValue } from './onnx-model.ts';
import { networkNodes } from './onnx-networks.ts';

/**
 * Inputs are `x` (batch, columns), or `image` (batch, 1, height, width) with greys from 0 to 255 and, if the network
 * has them, `extras` (batch, numbers); the output is `y` (batch, targets). All are float32. The names of the columns
 * are in the metadata as JSON, and what stands for missing inputs in training, "filling": the model wants numbers.
 */
export function onnxModel({ description, networks }: SavedNetwork): Uint8Array<ArrayBuffer> {
  const { method, seed, network, inputs, filling, image, extras, targets } = description;
  const graph = new OnnxGraph();
  const input = inputValue(description);
  const given = {
    x: standardised(graph, input.name, inputs),
    isImage: image !== undefined,
    extras: extras && standardised(graph, 'extras', extras),
  };
  const outputs = networks.map((weights, k) => {
    const prefix = networks.length > 1 ? `fold.${k}.` : '';
    return networkNodes({ graph, weights, prefix }, network, given);
  });
  inDataUnits(graph, meanOf(graph, outputs), targets);
  const extraValue = extras && { name: 'extras', shape: ['batch', extras.names.length] as const };
  return encodeOnnx({
    name: method,
    description: `${network}, trained by limbeck (${method}, seed ${seed}); takes and gives the data's own units`,
    version: packageVersion,
    metadata: {
      inputs: JSON.stringify(image ? [`image, ${image.width}x${image.height}`] : inputs.names),
      ...(extras ? { extras: JSON.stringify(extras.names) } : {}),
      ...(filling ? { filling: JSON.stringify(filling) } : {}),
      targets: JSON.stringify(targets.names),
      ...{ network, method, seed: String(seed) },
    },
    inputs: [input, ...(extraValue ? [{ ...extraValue, description: extras.names.join(', ') }] : [])],
    outputs: [{ name: 'y', shape: ['batch', targets.names.length], description: targets.names.join(', ') }],
    nodes: graph.nodes,
    constants: graph.constants,
  });
}

function inputValue({ inputs, image }: NetworkDescription): OnnxValue {
  if (!image)
    return { name: 'x', shape: ['batch', inputs.names.length], description: inputs.names.join(', ') };
  const shape = ['batch', 1, image.height, image.width] as const;
  return { name: 'image', shape, description: 'grey pixels, 0 to 255' };
}

/**
 * (x - mean) / deviation. The mean is taken off in two parts, because float32 alone would round that of years, say, by
 * more than a network's own rounding.
 */
function standardised(graph: OnnxGraph, x: string, { mean, deviation, names }: ScaledColumns): string {
  const high = mean.map(Math.fround);
  const low = mean.map((value, i) => value - high[i]!);
  const shape = [names.length];
  const part = (name: string, values: readonly number[]) => graph.constant(`${x}.${name}`, values, shape);
  const centred = graph.add('Sub', `${x}.centred`, [
    graph.add('Sub', `${x}.nearly_centred`, [x, part('mean', high)]),
    part('mean_rest', low),
  ]);
  return graph.add('Div', `${x}.standardised`, [centred, part('deviation', deviation)]);
}

function meanOf(graph: OnnxGraph, outputs: readonly string[]): string {
  return outputs.length === 1 ? outputs[0]! : graph.add('Mean', 'mean_of_folds', outputs);
}

function inDataUnits(graph: OnnxGraph, y: string, { mean, deviation, names }: ScaledColumns): void {
  const shape = [names.length];
  const scaled = graph.add('Mul', 'y.scaled', [y, graph.constant('y.deviation', deviation, shape)]);
  graph.add('Add', 'y', [scaled, graph.constant('y.mean', mean, shape)]);
}
