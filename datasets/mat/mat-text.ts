/** Characters of a MAT file, column-major code units of several encodings, become strings. */
import { elementTypes, type MatElement, type MatElements, typeName } from './mat-elements.ts';

/** A string a row of a character array; none if there are no characters. */
export function textRows(elements: MatElements, element: MatElement, shape: readonly number[]): string[] {
  const count = shape.reduce((product, length) => product * length, 1);
  const characters = charactersOf(elements, element, count);
  if (count === 0) return [];
  // Pages of a longer shape follow each other.
  const [rows, columns] = [shape[0]!, shape[1]!];
  return Array.from({ length: count / columns }, (_, row) => {
    const first = Math.floor(row / rows) * rows * columns + (row % rows);
    let text = '';
    for (let column = 0; column < columns; column++) text += characters[first + column * rows]!;
    return text;
  });
}

function charactersOf(elements: MatElements, element: MatElement, count: number): ArrayLike<string> {
  const text = decode(elements, element);
  if (text.length === count) return text;
  // Some writers count characters, not the halves of a pair.
  const characters = Array.from(text);
  if (characters.length === count) return characters;
  return elements.fail(element.start, `wants ${count} characters, got ${characters.length}`);
}

function decode(elements: MatElements, element: MatElement): string {
  const { int8, uint8, uint16, utf8, utf16, utf32 } = elementTypes;
  switch (element.type) {
    case int8:
    case uint8:
      return codesOf(elements, element, (code) => String.fromCharCode(code & 0xff));
    case uint16:
    case utf16:
      return codesOf(elements, element, String.fromCharCode);
    case utf32:
      return codesOf(elements, element, (code) => {
        if (code > 0x10ffff) elements.fail(element.start, `${code} is no character`);
        return String.fromCodePoint(code);
      });
    case utf8:
      try {
        return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(elements.dataOf(element));
      } catch {
        return elements.fail(element.start, 'the characters are no UTF-8');
      }
    default:
      return elements.fail(
        element.start,
        `wants characters, got an element of type ${typeName(element.type)}`,
      );
  }
}

function codesOf(elements: MatElements, element: MatElement, character: (code: number) => string): string {
  const codes: ArrayLike<number | bigint> = elements.numbersOf(element);
  return Array.from(codes, (code) => character(Number(code))).join('');
}
