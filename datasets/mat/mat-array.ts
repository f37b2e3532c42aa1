/** Arrays of a MAT file: numbers, characters, cells and structs, which hold arrays again. */
import { quoted } from '../file-error.ts';
import { elementTypes, type MatElement, type MatElements } from './mat-elements.ts';
import { convertNumbers, numberClasses } from './mat-numbers.ts';
import { textRows } from './mat-text.ts';
import type { MatNumeric, MatStruct, MatText, MatValue } from './mat-value.ts';
import type { MemoryBudget } from '../memory-budget.ts';

const [CELL, STRUCT, OBJECT, CHAR, SPARSE, FUNCTION, OPAQUE] = [1, 2, 3, 4, 5, 16, 17];
const [COMPLEX, LOGICAL] = [0x0800, 0x0200];

/** What is in files, and not read here. */
const unsupported = new Map([
  [OBJECT, 'an object; save its properties as a struct: struct(x)'],
  [SPARSE, 'a sparse array; save it as a full one: full(x)'],
  [FUNCTION, 'a function handle; leave it out'],
  [OPAQUE, 'an object (string, table, datetime, …); save it as numbers, char or struct'],
]);

const MOST_DEPTH = 32;
const MOST_DIMENSIONS = 32;
/** What a JavaScript object costs, about. */
const OBJECT_BYTES = 128;

/** What stands before an array's data. */
export interface MatHeader {
  readonly name: string;
  readonly classNumber: number;
  readonly flags: number;
  readonly shape: readonly number[];
  /** Elements, the product of the shape. */
  readonly count: number;
  /** Where the flags are, and where the data begin. */
  readonly start: number;
  readonly from: number;
  readonly to: number;
}

export class MatArrays {
  readonly #elements: MatElements;
  readonly #budget: MemoryBudget;

  constructor(elements: MatElements, budget: MemoryBudget) {
    this.#elements = elements;
    this.#budget = budget;
  }

  headerOf({ from, to }: MatElement): MatHeader {
    const elements = this.#elements;
    const { int8, uint8, int32, uint32, utf8 } = elementTypes;
    const flagged = elements.want(from, to, 'an array', [uint32]);
    const [word = 0] = this.#integers(flagged, { what: 'array flags', least: 2, most: 2 });
    const [classNumber, flags] = [word & 0xff, word & 0xff00];
    // Objects of newer kinds have no dimensions here.
    const dimensions =
      classNumber === OPAQUE
        ? undefined
        : elements.want(flagged.next, to, 'the dimensions of an array', [int32]);
    const shape = dimensions
      ? this.#integers(dimensions, { what: 'dimensions', least: 2, most: MOST_DIMENSIONS })
      : [];
    const count = shape.reduce((product, length) => product * length, 1);
    if (dimensions && !Number.isSafeInteger(count))
      elements.fail(dimensions.start, `${shape.join('×')} elements are over 2^53`);
    const named = elements.want(dimensions?.next ?? flagged.next, to, 'the name of an array', [
      int8,
      uint8,
      utf8,
    ]);
    const name = this.#nameOf(elements.dataOf(named));
    return { name, classNumber, flags, shape, count, start: from, from: named.next, to };
  }

  /** @throws MatError, with what the array is part of: 'data.left.image'. */
  valueOf(header: MatHeader, path: string, depth = 0): MatValue {
    const { classNumber, flags, start } = header;
    const elements = this.#elements;
    if (depth > MOST_DEPTH)
      elements.fail(start, `${quoted(path)} nests over ${MOST_DEPTH} levels deep`, 'limit');
    this.#spend(OBJECT_BYTES, start);
    const what = unsupported.get(classNumber);
    if (what) {
      const cure = "; or read other variables alone, with the option 'variables'";
      elements.fail(start, `${quoted(path)} is ${what}${cure}`, 'unsupported');
    }
    if (classNumber === CELL) {
      const { count, from, to, shape } = header;
      const cells = this.#list({ count, from, to }, (i) => `${path}{${i + 1}}`, depth);
      return { kind: 'cell', shape, cells };
    }
    if (classNumber === STRUCT) return this.#struct(header, path, depth);
    if (classNumber === CHAR) return this.#text(header);
    if (!numberClasses.has(classNumber))
      elements.fail(start, `${quoted(path)} has the class ${classNumber}, which the format does not have`);
    if (flags & COMPLEX) {
      const cure = 'save real and imaginary part apart: real(x), imag(x)';
      elements.fail(start, `${quoted(path)} is complex, which is not read; ${cure}`, 'unsupported');
    }
    return this.#numeric(header, path);
  }

  #numeric({ classNumber, flags, shape, count, from, to }: MatHeader, path: string): MatNumeric {
    const elements = this.#elements;
    const element = elements.at(from, to);
    const stored = (element.to - element.from) / elements.numberSizeOf(element);
    if (stored !== count)
      elements.fail(element.start, `${quoted(path)} wants ${shape.join('×')} numbers, got ${stored}`);
    const numberClass = numberClasses.get(classNumber)!;
    this.#spend(element.to - element.from + count * numberClass.bytes, element.start);
    const values = convertNumbers(elements.numbersOf(element), numberClass, (problem) =>
      elements.fail(element.start, `${quoted(path)}: ${problem}`),
    );
    this.#end(element.next, to);
    return { kind: 'numeric', class: numberClass.name, isLogical: (flags & LOGICAL) !== 0, shape, values };
  }

  #text({ shape, from, to }: MatHeader): MatText {
    const element = this.#elements.at(from, to);
    // A string a character, for a while.
    this.#spend((element.to - element.from) * 32, element.start);
    const rows = textRows(this.#elements, element, shape);
    this.#end(element.next, to);
    return { kind: 'char', shape, rows };
  }

  #struct({ shape, count, from, to }: MatHeader, path: string, depth: number): MatStruct {
    const elements = this.#elements;
    const sized = elements.want(from, to, "a struct's field name length", [elementTypes.int32]);
    const [length = 0] = this.#integers(sized, { what: 'field name length', least: 1, most: 1 });
    const named = elements.want(sized.next, to, "a struct's field names", [
      elementTypes.int8,
      elementTypes.uint8,
    ]);
    const bytes = elements.dataOf(named);
    if (bytes.length > 0 && (length === 0 || bytes.length % length !== 0))
      elements.fail(named.start, `${bytes.length} bytes are no whole number of names of ${length} bytes`);
    const names: string[] = [];
    for (let at = 0; at < bytes.length; at += length)
      names.push(this.#nameOf(bytes.subarray(at, at + length)));
    this.#spend(names.length * OBJECT_BYTES, named.start);
    const fields = new Map<string, MatValue[]>(names.map((name) => [name, []]));
    if (fields.size < names.length)
      elements.fail(named.start, `${quoted(path)} has two fields of the same name`);
    const pathOf = (i: number) => {
      const place = count === 1 ? '' : `(${Math.floor(i / names.length) + 1})`;
      return `${path}${place}.${names[i % names.length]!}`;
    };
    const values = this.#list({ count: count * names.length, from: named.next, to }, pathOf, depth);
    values.forEach((value, i) => fields.get(names[i % names.length]!)!.push(value));
    return { kind: 'struct', shape, fields };
  }

  /** Arrays one after the other. */
  #list(
    { count, from, to }: { count: number; from: number; to: number },
    pathOf: (i: number) => string,
    depth: number,
  ): MatValue[] {
    const elements = this.#elements;
    if (count * 8 > to - from)
      elements.fail(from, `wants ${count} arrays, ${to - from} bytes are left: the file is cut off`);
    const values: MatValue[] = [];
    let at = from;
    for (let i = 0; i < count; i++) {
      const path = pathOf(i);
      const element = elements.want(at, to, path, [elementTypes.matrix]);
      values.push(this.#member(element, path, depth + 1));
      at = element.next;
    }
    this.#end(at, to);
    return values;
  }

  #member(element: MatElement, path: string, depth: number): MatValue {
    if (element.from < element.to) return this.valueOf(this.headerOf(element), path, depth);
    // A tag without data stands for [].
    this.#spend(OBJECT_BYTES, element.start);
    return { kind: 'numeric', class: 'double', isLogical: false, shape: [0, 0], values: new Float64Array() };
  }

  /** Some writers pad to eight bytes, others do not; more must not be left. */
  #end(at: number, to: number): void {
    if (to - at >= 8) this.#elements.fail(at, `${to - at} bytes follow the data of an array`);
  }

  #integers(
    element: MatElement,
    { what, least, most }: { what: string; least: number; most: number },
  ): number[] {
    const elements = this.#elements;
    const count = (element.to - element.from) / elements.numberSizeOf(element);
    if (count < least || count > most) {
      const wanted = least === most ? least : `${least} to ${most}`;
      elements.fail(element.start, `${what}: wants ${wanted} integers, got ${count}`);
    }
    const numbers = Array.from(elements.numbersOf(element), Number);
    const negative = numbers.find((number) => number < 0);
    if (negative !== undefined) elements.fail(element.start, `${what}: ${negative} is negative`);
    return numbers;
  }

  /** Up to its first zero byte. */
  #nameOf(bytes: Uint8Array): string {
    const end = bytes.indexOf(0);
    return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
  }

  #spend(bytes: number, offset: number): void {
    this.#budget.spend(bytes, (problem) => this.#elements.fail(offset, problem, 'limit'));
  }
}
