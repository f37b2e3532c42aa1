/** Saved networks that nobody has trained: random numbers in every tensor, with a description that fits. */
import { uniformValues } from '../engine/random.ts';
import { encodeSafetensors } from '../engine/files/safetensors.ts';
import { networkOf } from '../models/network.ts';
import { classNames, type NetworkDescription, type ScaledColumns } from '../study/network-description.ts';
import { readNetwork, type SavedNetwork } from '../study/network-file.ts';
import { cpu } from './backends.ts';

const columns = (names: string[], mean: number[], deviation: number[]): ScaledColumns => ({
  names,
  mean,
  deviation,
});

const base = { limbeck: '0.1.0', method: 'tor-dual', seed: 3 };
const imageSize = { height: 18, width: 20 };

/** Means far from nothing, as years have, and a deviation that is no float32 number. */
export const tableDescription: NetworkDescription = {
  ...base,
  network: 'mlp:8,6:tanh',
  folds: 1,
  inputs: columns(
    ['year', 'size, m²', 'depth'],
    [2006.16875, 0.1, -123456.7],
    [9.124295777620311, 1e-3, 0.5],
  ),
  targets: columns(['price', 'age'], [177.8, -2], [100.05, 0.3]),
};

export const imageDescription: NetworkDescription = {
  ...base,
  network: 'lenet:0.2',
  folds: 1,
  inputs: columns(['image'], [120.7], [51.3]),
  image: imageSize,
  extras: columns(['head pitch', 'head yaw'], [1.5, -4], [12, 9]),
  targets: columns(['pitch', 'yaw'], [-3, 1.25], [8, 15]),
};

/** The file of such a network. */
export async function madeWeights(description: NetworkDescription): Promise<Uint8Array> {
  const { network, folds, inputs, image, extras, targets } = description;
  const shape = {
    inputs: image ? (image.channels ?? 1) * image.height * image.width : inputs.names.length,
    outputs: (classNames(targets) ?? targets.names).length,
    extras: extras?.names.length ?? 0,
    image: image && ([image.channels ?? 1, image.height, image.width] as const),
  };
  const tensors = new Map<string, { shape: readonly number[]; values: Float32Array }>();
  // Large enough that some numbers are cut off at 6.
  const scale = /^mobilenet(:|$)/.test(network) ? 2 : 1;
  for (let k = 0; k < folds; k++) {
    const { parameters, buffers } = networkOf(network, 'network', { backend: cpu, shape, seed: k });
    for (const [name, x] of Object.entries({ ...parameters, ...buffers })) {
      let values = Float32Array.from(await x.data());
      // Statistics and biases that begin as 0 or 1 would hide a mistake, and a head that begins small does.
      if (/\.(mean|bias|scale|variance)$|^label/.test(name)) {
        const centre = name.endsWith('variance') ? 1 : name.endsWith('scale') ? scale : 0;
        const width = name.startsWith('label') ? 4 / Math.sqrt(x.shape[0]!) : 1;
        const drawn = uniformValues(values.length, { seed: 7, call: tensors.size });
        values = drawn.map((u) => centre + width * (u - 0.5));
      }
      tensors.set(folds > 1 ? `fold.${k}.${name}` : name, { shape: x.shape, values });
    }
  }
  return encodeSafetensors(tensors, { limbeck: JSON.stringify(description) });
}

export async function madeNetwork(changes: Partial<NetworkDescription>): Promise<SavedNetwork> {
  const isImage = changes.network !== undefined && !changes.network.startsWith('mlp');
  const description = { ...(isImage ? imageDescription : tableDescription), ...changes };
  return readNetwork(await madeWeights(description), 'made.safetensors');
}
