/** What a number looks like in a text: its decimal sign, what groups its thousands, and what only one of them can tell. */
import type { Delimiter } from './csv-records.ts';

/** What stands before the decimals. */
export type Decimal = '.' | ',';

/** What stands between groups of three digits. */
export type Thousands = '.' | ',' | "'" | '_' | ' ';

export interface NumberStyle {
  /** 'either' where it is found out. */
  readonly decimal: Decimal | 'either';
  readonly thousands?: Thousands | undefined;
}

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const BOOLEAN = /^(?:true|false)$/i;

/** What programs write where there is no number. */
const MISSING = /^(|<?na>?|#?n\/a|[+-]?nan|null|none|missing|[?.-])$/i;

/**
 * As told; else a comma may stand for the point where it does not stand between cells. What groups thousands is never the
 * decimal sign too.
 */
export function styleOf(
  delimiter: Delimiter,
  { decimal, thousands }: { decimal?: Decimal | undefined; thousands?: Thousands | undefined } = {},
): NumberStyle {
  if (decimal) return { decimal, thousands };
  if (thousands === '.') return { decimal: ',', thousands };
  if (thousands === ',') return { decimal: '.', thousands };
  return { decimal: delimiter === ',' ? '.' : 'either', thousands };
}

/** 1 and 0 of true and false; NaN if it is no number. */
export function numberOf(cell: string, { decimal, thousands }: NumberStyle): number {
  const plain = thousands === undefined ? cell : withoutGroups(cell, thousands);
  // A comma at the end stands between cells.
  const isForeign = decimal === ',' ? plain.includes('.') : plain.endsWith(',');
  const text = decimal === '.' || isForeign ? plain : plain.replace(',', '.');
  if (!isForeign && NUMBER.test(text)) return Number(text);
  return isBoolean(cell) ? Number(cell.toLowerCase() === 'true') : NaN;
}

export function isBoolean(cell: string): boolean {
  return BOOLEAN.test(cell);
}

/** `more` are texts of one file, which as numbers stand for all that are equal to them. */
export function isMissing(cell: string, more?: MissingTexts): boolean {
  return MISSING.test(cell) || (more !== undefined && isAmong(cell, more));
}

export interface MissingTexts {
  readonly texts: ReadonlySet<string>;
  readonly numbers: ReadonlySet<number>;
}

export function missingTexts(texts: readonly string[]): MissingTexts {
  const numbers = texts.filter((text) => NUMBER.test(text)).map(Number);
  return { texts: new Set(texts), numbers: new Set(numbers) };
}

function isAmong(cell: string, { texts, numbers }: MissingTexts): boolean {
  return texts.has(cell) || (numbers.size > 0 && NUMBER.test(cell) && numbers.has(Number(cell)));
}

/** '1.234.567' as 1234567; NaN-to-be where groups have other lengths. */
function withoutGroups(cell: string, sign: Thousands): string {
  // Programs write no-break spaces, narrow ones and typographic apostrophes too.
  const text =
    sign === ' '
      ? cell.replaceAll(/[\u00a0\u202f\u2009]/g, ' ')
      : sign === "'"
        ? cell.replaceAll('’', "'")
        : cell;
  if (!text.includes(sign)) return text;
  const [, whole, , rest = ''] = /^([+-]?\d{1,3}([.,'_ ])\d{3}(?:\2\d{3})*)(\D.*)?$/s.exec(text) ?? [];
  if (whole === undefined) return 'no number';
  const groups = whole.split(sign);
  return groups.every((group, i) => (i === 0 ? /^[+-]?\d{1,3}$/ : /^\d{3}$/).test(group))
    ? groups.join('') + rest
    : 'no number';
}

/** Whether a text is a whole number that float64 does not hold: its neighbour would be read instead. */
export function isBeyondIntegers(cell: string, { thousands }: NumberStyle): boolean {
  const text = thousands === undefined ? cell : withoutGroups(cell, thousands);
  const [, whole] = /^[+]?(-?\d{16,400})(?:[.,]0*)?$/.exec(text) ?? [];
  return whole !== undefined && BigInt(whole) !== BigInt(Number(whole));
}

/**
 * What a number tells about its sign: 'group' could be thousands as well, '1.231'; 'decimal' could not, '1.5', '0.231',
 * '1234.567'; 'whole' has none.
 */
export function formOf(cell: string): { form: 'whole' | 'group' | 'decimal'; sign?: Decimal } {
  const [sign] = /[.,]/.exec(cell) ?? [];
  if (sign === undefined) return { form: /e/i.test(cell) ? 'decimal' : 'whole' };
  const form = /^[+-]?[1-9]\d{0,2}[.,]\d{3}$/.test(cell) ? 'group' : 'decimal';
  return { form, sign: sign as Decimal };
}
