/** What is wrong with a .npy or .npz file. */
import { FileError } from '../file-error.ts';

/** All that reading or writing these files throws. */
export class NpyError extends FileError {
  override readonly name = 'NpyError';
}
