/** Names of methods with add-ons: 'imitation+pm+abm+gm'. */
import { UserError } from '../base/errors.ts';
import { suggestion } from '../base/suggest.ts';
import { modifiers } from './modifiers/all.ts';

export interface MethodName {
  /** Of the method itself. */
  readonly base: string;
  /** Each once, in the order of `modifiers`. */
  readonly addOns: readonly string[];
}

/** @throws UserError on an unknown method or add-on, and on an add-on that is named twice. */
export function parseMethodName(name: string, known: readonly string[]): MethodName {
  const [base = '', ...given] = name.split('+').map((word) => word.trim());
  if (!known.includes(base))
    throw new UserError(
      `--methods: unknown method '${base}'${suggestion(base, known)} (known: ${known.join(', ')})`,
    );
  const all = [...modifiers.keys()];
  for (const [i, word] of given.entries()) {
    if (!all.includes(word))
      throw new UserError(
        `--methods: unknown add-on '${word}' in '${name}'${suggestion(word, all)} (known: ${all.join(', ')})`,
      );
    if (given.indexOf(word) !== i) throw new UserError(`--methods: '${name}' names '${word}' twice`);
  }
  return { base, addOns: all.filter((addOn) => given.includes(addOn)) };
}
