/** Which of several kernels for the same numbers runs: a rule's first choice, unless `autotune` found a better one. */
import type { Backend } from './backend.ts';
import { listening } from './listener.ts';

/** A plan as a name: its values in their order. */
export function nameOf(plan: object): string {
  return Object.values(plan).join(' ');
}

/**
 * Runs `f` with the plan chosen for `key`, or with none, which means the rule's. `plans` are all that will do, the
 * rule's first; each gives the same bits.
 */
export function withVariant<P extends object, R>(
  { variants }: Backend,
  key: string,
  plans: () => readonly P[],
  f: (plan: P | undefined) => R,
): R {
  if (!variants) return f(undefined);
  variants.met?.set(key, plans().map(nameOf));
  const chosen = variants.choices.get(key);
  const plan = chosen === undefined ? undefined : plans().find((some) => nameOf(some) === chosen);
  const outer = listening.variant;
  listening.variant = key;
  try {
    return f(plan);
  } finally {
    listening.variant = outer;
  }
}
