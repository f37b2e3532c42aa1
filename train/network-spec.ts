/** How a network is named on the command line: 'mlp:100,100' or 'mlp:100,100:relu'. */

import { type Activation, activations } from '../models/layers.ts';
import { UserError } from './errors.ts';
import { suggestion } from './suggest.ts';

export interface NetworkSpec {
  kind: 'mlp';
  /** Widths of the hidden layers. */
  widths: number[];
  activation: Activation;
}

const widest = 65_536;

/** `where` begins the error: the option that the text came from. */
export function parseNetwork(text: string, where: string): NetworkSpec {
  const [kind = '', widthList = '', activation = 'tanh', ...rest] = text.split(':');
  if (/^[\d,]+$/.test(text))
    throw new UserError(`${where}: '${text}' lacks the kind of network, did you mean 'mlp:${text}'?`);
  if (kind !== 'mlp') {
    throw new UserError(`${where}: unknown network '${kind}'${suggestion(kind, ['mlp'])} (like mlp:100,100)`);
  }
  if (widthList === '') throw new UserError(`${where}: '${text}' lacks widths (like mlp:100,100)`);
  const widths = widthList.split(',').map((width) => {
    const isValid = /^\d+$/.test(width) && Number(width) >= 1 && Number(width) <= widest;
    if (!isValid) {
      throw new UserError(
        `${where}: width '${width}' in '${text}' is not a whole number from 1 to ${widest}`,
      );
    }
    return Number(width);
  });
  const known = activations.find((name) => name === activation);
  if (known === undefined || rest.length > 0) {
    const given = [activation, ...rest].join(':');
    throw new UserError(
      `${where}: unknown activation '${given}' in '${text}'${suggestion(given, activations)}` +
        ` (known: ${activations.join(', ')})`,
    );
  }
  return { kind, widths, activation: known };
}
