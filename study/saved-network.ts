/** Networks that a study has saved, and `readNetwork` has read: built, and run again on data of the user's. */
import { type Samples, standardise } from '../datasets/dataset.ts';
import type { Backend } from '../engine/backend.ts';
import { CheckpointError, loadTensors } from '../engine/files/checkpoint.ts';
import { openCpu } from '../engine/cpu.ts';
import { encodeSafetensors } from '../engine/files/safetensors.ts';
import { UserError } from '../base/errors.ts';
import { predict, type PredictionHooks } from './data/evaluate.ts';
import { pictureInputs, tableInputs } from './data/inputs.ts';
import { wholePixels } from './data/pixel-table.ts';
import { codingOf } from '../tasks/coding.ts';
import { disposeNetworks, meanOf, networkOf } from '../models/network.ts';
import { pixelsOf, type SavedNetwork } from './network-file.ts';

/** Rows to predict for, in the data's own units. */
export type GivenRows = Pick<Samples, 'x' | 'extras'>;

/**
 * What the network predicts, rows × targets in the targets' own units; of classes rows × logits.
 *
 * @throws UserError if numbers and network do not belong together.
 */
export async function predictRows(
  saved: SavedNetwork,
  rows: GivenRows,
  backend: Backend,
  hooks: PredictionHooks = {},
): Promise<Float64Array> {
  const { inputs, image, extras, targets } = saved.description;
  const models = open(saved, backend);
  const given = image
    ? pictureInputs(
        [
          {
            images: wholePixels(rows.x as Uint8Array, pixelsOf(image)),
            scale: inputs,
            extras: extras && standardise(rows.extras!, extras),
          },
        ],
        pixelsOf(image),
        backend,
      )
    : tableInputs([standardise(rows.x, inputs)], inputs.names.length, backend);
  try {
    return (await predict(meanOf(models), given, [codingOf(targets)], hooks))[0]!;
  } finally {
    given.dispose();
    models.forEach(disposeNetworks);
  }
}

/** @throws UserError unless the file has all tensors of the network that it says it holds, and no others. */
export function checkTensors(saved: SavedNetwork): void {
  open(saved, openCpu()).forEach(disposeNetworks);
}

function open({ where, description, networks }: SavedNetwork, backend: Backend) {
  const { network, inputs, image, extras, targets } = description;
  const shape = {
    inputs: image ? pixelsOf(image) : inputs.names.length,
    outputs: codingOf(targets).outputs,
    extras: extras?.names.length ?? 0,
    image: image && ([image.channels ?? 1, image.height, image.width] as const),
  };
  return networks.map((tensors) => {
    const model = networkOf(network, where, { backend, shape, seed: 0 });
    try {
      loadTensors({ ...model.parameters, ...model.buffers }, encodeSafetensors(tensors));
    } catch (error) {
      if (!(error instanceof CheckpointError)) throw error;
      throw new UserError(`${where}: its tensors are not those of ${network}: ${error.message}`, {
        cause: error,
      });
    }
    return model;
  });
}
