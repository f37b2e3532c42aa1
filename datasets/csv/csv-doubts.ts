/**
 * Numbers that could be read in two ways: '1.231' is a thousand where the other numbers of its column are whole, and a bit
 * more than one elsewhere. Watches the numbers while they are read, and tells at the end what the text does not say.
 */
import { type Decimal, formOf } from './csv-number.ts';
import type { Delimiter } from './csv-records.ts';

export interface Doubt {
  readonly at: number;
  readonly column: number;
  readonly problem: string;
  /** Whether it is refused, or read as decimals and said. */
  readonly isRefused: boolean;
}

interface Place {
  readonly at: number;
  readonly column: number;
  readonly cell: string;
}

interface Seen {
  /** The first number of each form. */
  group?: Place;
  whole?: Place;
  decimal?: Place;
}

export class NumberDoubts {
  readonly #delimiter: Delimiter;
  readonly #columns = new Map<number, Seen>();
  /** The first number with each sign, and the first that cannot be thousands. */
  readonly #signs: Partial<Record<Decimal, Place>> = {};
  readonly #decimals: Partial<Record<Decimal, Place>> = {};

  constructor(delimiter: Delimiter) {
    this.#delimiter = delimiter;
  }

  see(cell: string, at: number, column: number): void {
    // Where a comma stands between cells, a number that cannot be thousands settles it for all.
    if (this.#delimiter === ',' && this.#decimals['.']) return;
    const { form, sign } = formOf(cell);
    let seen = this.#columns.get(column);
    if (!seen) this.#columns.set(column, (seen = {}));
    seen[form] ??= { at, column, cell };
    if (sign === undefined) return;
    this.#signs[sign] ??= { at, column, cell };
    if (form === 'decimal') this.#decimals[sign] ??= { at, column, cell };
  }

  /** `lineAt` says where something stands. */
  found(lineAt: (at: number) => number): Doubt[] {
    const { '.': point, ',': comma } = this.#signs;
    if (point && comma) return [mixed(point, comma, lineAt)];
    const sign = point ? '.' : ',';
    // What cannot be thousands shows what the sign is, in all columns.
    if (this.#decimals[sign]) return [];
    return [...this.#columns.values()].flatMap(({ group, whole }) => {
      if (!group || (!whole && this.#delimiter === ',')) return [];
      const { at, column, cell } = group;
      const digits = cell.replace(/[.,]/, '');
      const other = whole ? `, and '${whole.cell}' in line ${lineAt(whole.at)} has none` : '';
      const problem =
        `'${cell}' may be ${digits} or ${cell.replace(',', '.')}: it has one ${nameOf(sign)}, with three digits behind it${other}; ` +
        'say which (thousands or decimal)';
      // Between commas a point is hardly ever anything but a decimal one; nor is a sign that all numbers have.
      return [{ at, column, problem, isRefused: whole !== undefined && this.#delimiter !== ',' }];
    });
  }
}

/** '1.234' and '1,5' in one text: nobody knows whether the point groups thousands. */
function mixed(point: Place, comma: Place, lineAt: (at: number) => number): Doubt {
  const [first, second, sign] = point.at < comma.at ? [point, comma, 'comma'] : [comma, point, 'point'];
  const problem =
    `'${second.cell}' has a decimal ${sign}, but not in line ${lineAt(first.at)} '${first.cell}'; ` +
    'say which sign is decimal, and which groups thousands, or write all numbers with a decimal point';
  return { at: second.at, column: second.column, problem, isRefused: true };
}

function nameOf(sign: Decimal): string {
  return sign === '.' ? 'point' : 'comma';
}
