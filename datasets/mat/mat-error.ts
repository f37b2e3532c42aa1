/** What is wrong with a MAT file. */
import { FileError } from '../file-error.ts';

/** All that reading a MAT file throws. */
export class MatError extends FileError {
  override readonly name = 'MatError';
}
