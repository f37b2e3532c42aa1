/** What `student.js` of an MLP does, as source text. */
import { activationSources } from './activation-sources.ts';
import type { MlpSpec } from '../../models/network-spec.ts';

/** By the names that such a network has. */
export function mlpLayers({ widths }: MlpSpec): string[] {
  return [...widths.map((_, i) => `trunk.${i}`), 'label.0'];
}

/** `forward(layers, row)`, where a row is a list of numbers or an object. */
export function mlpForward({ activation }: MlpSpec): string {
  return `${activationSources[activation]}

/** activation(x @ weight + bias), the last layer without an activation. */
function forward(layers, row, where) {
  const x = columns(inputs, inputScale, row, where);
  return Object.values(layers).reduce((given, layer, depth, { length }) => {
    const sums = linear(layer, given);
    return depth < length - 1 ? sums.map(activation) : sums;
  }, x);
}`;
}
