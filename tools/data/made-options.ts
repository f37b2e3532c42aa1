/** Options of the commands that generate pictures, as numbers. */
import { UserError } from '../../base/errors.ts';

export const madeOptions = {
  seed: { type: 'string' },
  persons: { type: 'string' },
  days: { type: 'string' },
  patches: { type: 'string' },
  shots: { type: 'string' },
  size: { type: 'string' },
  'annotation-error': { type: 'string' },
  outliers: { type: 'string' },
  steps: { type: 'string' },
} as const;

export type MadeOptions = { readonly [K in keyof typeof madeOptions]?: string };

/** An integer of at least `least`, or what stands for a missing one. */
export function integerOf(
  values: MadeOptions,
  name: keyof MadeOptions,
  { missing, least = 1 }: { missing: number; least?: number },
): number {
  const text = values[name];
  const number = text === undefined ? missing : Number(text);
  if (text?.trim() === '' || !Number.isSafeInteger(number) || number < least)
    throw new UserError(`--${name} wants an integer of at least ${least}, got '${text}'`);
  return number;
}

export function shareOf(values: MadeOptions, name: keyof MadeOptions, most: number): number {
  const text = values[name];
  const number = Number(text ?? 0);
  if (text?.trim() === '' || !(number >= 0 && number <= most))
    throw new UserError(`--${name} wants a number from 0 to ${most}, got '${text}'`);
  return number;
}

/** '160x120' as width and height. */
export function sizeOf(values: MadeOptions, missing: string): { width: number; height: number } {
  const text = values.size ?? missing;
  const [, width, height] = /^([1-9]\d{0,3})x([1-9]\d{0,3})$/.exec(text) ?? [];
  if (width === undefined) throw new UserError(`--size wants WIDTHxHEIGHT in pixels, got '${text}'`);
  return { width: Number(width), height: Number(height) };
}

/** Refuses options that a command does not read: they would be silently without effect. */
export function wantOnly(values: MadeOptions, names: readonly (keyof MadeOptions)[], command: string): void {
  const other = (Object.keys(madeOptions) as (keyof MadeOptions)[]).find(
    (name) => values[name] !== undefined && !names.includes(name),
  );
  const own = names.map((name) => `--${name}`).join(', ') || 'none of those that make';
  if (other) throw new UserError(`${command} has no option --${other}; it has ${own}`);
}
