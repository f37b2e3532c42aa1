/** Images with classes that a saved network is to predict for: those that a source holds to test with, else all. */
import { UserError } from '../base/errors.ts';
import { configOf } from '../study/options/config.ts';
import { classNames, type NetworkDescription } from '../study/network-description.ts';
import { type ClassReading, readClasses } from '../study/read/read-classes.ts';
import type { ReadingHooks } from '../study/read/read-pictures.ts';
import { knownLabels } from './class-predictions.ts';
import type { PredictionData } from './prediction-data.ts';

/** Of 'idx:FOLDER' and its like. @throws UserError where images have another size than the network's. */
export async function readClassImages(
  data: string,
  { image, targets }: NetworkDescription,
  reading: ClassReading,
  hooks: ReadingHooks,
): Promise<PredictionData> {
  const { channels = 1, width, height } = image!;
  const config = configOf(new Map([['data', data]]), []);
  if (!data.startsWith(`${config.data}:`) || config.target.length > 0)
    throw new UserError(
      `--data: the network is for images with classes; wants idx:FOLDER, cifar10:FOLDER, cifar100:FOLDER, images:FOLDER ` +
        `or digits:FILE, not '${data}'`,
    );
  const size = config.data === 'images' ? `${width}x${height}` : '';
  const { classified, description } = await readClasses({ ...config, size }, reading, hooks);
  const part = classified.test ?? classified.train;
  if (part.channels !== channels || part.width !== width || part.height !== height)
    throw new UserError(
      `${data} has images of ${part.width}×${part.height} with ${part.channels} channels; the network wants ` +
        `${width}×${height} with ${channels}`,
    );
  return {
    given: { x: part.pixels },
    rows: part.rows,
    labels: [knownLabels(part, classNames(targets)!)],
    filled: 0,
    notes: [description, classified.test ? 'the test part is predicted' : 'all images are predicted'],
    ignored: [],
  };
}
