/** Folders of images by class, as CINIC-10 has them. */
import { classKind, sizedOptions } from './class-images.ts';
import { pictureReading } from './images.ts';

export const imageFolder = classKind('images', 'images:FOLDER', {
  options: sizedOptions,
  reading: pictureReading,
});
