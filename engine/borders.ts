/** The border of what knows backends and types; all other checks of it are in `base/borders.ts`. */
import { checkNumberList, inWords } from '../base/borders.ts';
import type { Backend, DType } from './backend.ts';

export { checkFunction, checkList, checkNamed, checkOptions, inWords } from '../base/borders.ts';

export function checkBackend(where: string, backend: Backend): void {
  if (typeof backend?.dispatch !== 'function')
    throw new Error(
      `${where}: on which backend? Wants what openCpu() or await openGpu() gives, got ${inWords(backend)}`,
    );
}

/** Refuses what is no list of numbers, or of integers for u32. Typed arrays of a fitting type are not looked through. */
export function checkNumbers(where: string, values: ArrayLike<number>, dtype: DType = 'f32'): void {
  checkNumberList(where, values, dtype === 'u32');
}
