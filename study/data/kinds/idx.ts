/** MNIST and its relatives: a folder of IDX files. */
import { classKind } from './class-images.ts';

export const idx = classKind('idx', 'idx:FOLDER');
