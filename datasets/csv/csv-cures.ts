/** What a cell that is no number is instead, and what cures it without making another number of it. */

export interface CellKind {
  /** Of one cell: "'$5' is an amount of money". */
  readonly cell: string;
  /** Of most of a column: 'the column holds amounts of money'. */
  readonly column: string;
  readonly cure: string;
}

const UNITS = 'holds numbers with units';

const kinds: readonly (CellKind & { readonly pattern: RegExp })[] = [
  {
    pattern: /^[+-]?inf(inity)?$/i,
    cell: 'is not finite',
    column: 'holds infinities',
    cure: 'fill in a number, or remove the row',
  },
  {
    pattern: /^#/,
    cell: 'is no number',
    column: 'holds text',
    cure: 'if it is a comment, remove the line',
  },
  {
    pattern: /^[+-]?\d{1,3}[.,]\d{3}$/,
    cell: 'may be thousands or decimals',
    column: 'holds numbers that may be thousands or decimals',
    cure: "say which (thousands or decimal): without its sign '1,231' is 1231, with a point in its place 1.231",
  },
  {
    pattern: /^[+-]?\d{1,3}(?:([.,'’_ \u00a0\u2009\u202f])\d{3})(?:\1\d{3})*(?:[.,]\d*)?$/,
    cell: 'has its thousands apart',
    column: 'holds numbers with their thousands apart',
    cure: 'say by what (thousands), or take the signs out',
  },
  {
    pattern: /^[+-]?\d*,\d+(?:e[+-]?\d+)?$/i,
    cell: 'has a decimal comma',
    column: 'holds numbers with a decimal comma',
    cure: 'say so (decimal), or write a point',
  },
  {
    pattern: /^[+-]?\d*\.\d+(?:e[+-]?\d+)?$/i,
    cell: 'has a decimal point, and the comma was said to be decimal',
    column: 'holds numbers with a decimal point, and the comma was said to be decimal',
    cure: 'write all numbers alike',
  },
  {
    pattern: /^[+-]?[\d.,]+\s*%$/,
    cell: 'is a percentage',
    column: 'holds percentages',
    cure: 'take the sign out in all rows, so that all stay hundredths',
  },
  {
    pattern:
      /^[-+(]?\s*(?:\p{Sc}|[A-Z]{1,3}\p{Sc}|[A-Z]{3}\s?)[-+]?[\d.,' ]+\)?$|^[-+]?[\d.,' ]+\s*(?:\p{Sc}|EUR|USD|GBP|CHF|JPY)$/u,
    cell: 'is an amount of money',
    column: 'holds amounts of money',
    cure: 'take the sign of the currency out, and what groups thousands too',
  },
  {
    pattern: /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)d[+-]?\d+$/i,
    cell: "has Fortran's exponent",
    column: "holds numbers with Fortran's exponents",
    cure: 'write E for D',
  },
  {
    pattern:
      /^(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{1,2}[ -]\p{L}{3,9}[ -]\d{2,4}|[12]\d{3}[ -]?(?:W\d{1,2}|Q[1-4]|M\d{1,2}|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*))(?:[T ].*)?$|^\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s?[ap]m)?$/iu,
    cell: 'is a date or a time',
    column: 'holds dates or times',
    cure: 'make a number of it, such as days since the first one, or leave the column out',
  },
  {
    pattern: /^(?!0[xob]|\d+(?:st|nd|rd|th)\b)[+-]?\d[\d.,]*\s*[\p{L}µ°"'][\p{L}\d/²³^*·.° -]{0,12}$/u,
    cell: 'has a unit',
    column: UNITS,
    cure: 'take it out in all rows, where all have the same one',
  },
];

const words = {
  cell: 'is no number',
  column: 'holds text',
  cure: 'leave it out (exclude), or write its categories as numbers',
};

/** Longer cells are words, or damaged. */
const MOST_CHARACTERS = 60;

/** Undefined of words. */
export function kindOf(cell: string): CellKind | undefined {
  if (cell.length > MOST_CHARACTERS) return undefined;
  return kinds.find(({ pattern }) => pattern.test(cell));
}

/** Of most of a column, whose first cells are these. */
export function columnKind(cells: readonly string[]): CellKind {
  const [first, ...rest] = cells.map(kindOf);
  if (!first || !rest.every((kind) => kind === first)) return words;
  // Letters behind numbers that differ from row to row are names: '1a', '2b'.
  const units = new Set(cells.map((cell) => cell.replace(/^[+-]?\d[\d.,]*\s*/, '')));
  return first.column === UNITS && units.size > 1 ? words : first;
}
