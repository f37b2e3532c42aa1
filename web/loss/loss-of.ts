/** A loss of the page as a loss of the library. */
import { defineLoss, type Loss } from '../../losses/loss.ts';
import { buildProgram } from './formula/build-formula.ts';
import type { LossSource, Signature } from './source.ts';

export function lossOf({ program, ...signature }: LossSource): Loss {
  return defined(signature, (inputs, params) => buildProgram(program, { ...inputs, ...params }));
}

/** One whose WGSL can be compiled, while its formula is still wrong. */
export function lossWithoutMeaning(signature: Signature): Loss {
  return defined(signature, () => {
    throw new Error(`${signature.name}: its formula has an error`);
  });
}

function defined(
  { name, inputs, wrt, params, fused }: Signature,
  composed: Loss['definition']['composed'],
): Loss {
  return defineLoss<string, string>({ name, inputs, wrt, params, composed, fused });
}
