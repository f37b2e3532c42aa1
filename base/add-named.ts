/** Lists that a user's own things may join, by name. */
import { UserError } from './errors.ts';

/** @param kind For messages: 'method'. @throws UserError for the name of another one. */
export function addNamed<T extends { readonly name: string }>(
  known: Map<string, T>,
  kind: string,
  value: T,
): void {
  const other = known.get(value.name);
  if (other && other !== value)
    throw new UserError(`there is a ${kind} '${value.name}' already; give yours another name`);
  known.set(value.name, value);
}
