/** From text to a program: definitions that end in `;`, then the formula. */
import { FormulaError, type Program } from './formula.ts';
import { formulaOps } from './formula-ops.ts';
import { parseFormula } from './parse-formula.ts';
import { isJavaScriptName } from './reserved-words.ts';

const DEFINITION = /^(\s*)([A-Za-z_$][\w$]*)(\s*)=(?!=)/;

/** More than any loss has. */
const MOST_CHARACTERS = 20_000;
const MOST_DEFINITIONS = 100;
/** The parser calls itself for each. */
const MOST_DEPTH = 100;
const MOST_OPERATORS = 500;

/** @throws FormulaError with the place of what is wrong */
export function parseProgram(text: string, inputsAndParams: readonly string[]): Program {
  checkSize(text);
  const names = new Map<string, number | undefined>(inputsAndParams.map((name) => [name, undefined]));
  const definitions: { name: string; value: ReturnType<typeof parseFormula> }[] = [];
  const statements = statementsOf(text);
  if (statements.length > MOST_DEFINITIONS) {
    const { source, from } = statements[MOST_DEFINITIONS]!;
    throw new FormulaError(`${statements.length} parts are too many: at most ${MOST_DEFINITIONS}`, {
      from,
      to: from + source.length,
    });
  }
  const last = statements.pop();
  if (!last) throw new FormulaError('the formula is missing', { from: 0, to: text.length });
  for (const { source, from } of statements) {
    const match = DEFINITION.exec(source);
    if (!match) {
      const place = { from: from + leadingSpaces(source), to: from + source.trimEnd().length };
      throw new FormulaError('only the last part may be without a name: write name = … ;', place);
    }
    const [whole, before, name] = match as unknown as [string, string, string];
    checkName(name, names, from + before.length);
    const value = parseFormula(behind(from + whole.length, text.slice(0, from + source.length)), names);
    if (value.kind === 'number') names.set(name, value.value);
    else {
      names.set(name, undefined);
      definitions.push({ name, value });
    }
  }
  const [head, , name] = DEFINITION.exec(last.source) ?? [];
  if (head !== undefined) {
    // What is wrong in it comes first.
    parseFormula(behind(last.from + head.length, text.slice(0, last.from + last.source.length)), names);
    const end = text.trimEnd().length;
    throw new FormulaError(`after the definition of ${name} comes the formula itself`, {
      from: end - 1,
      to: end,
    });
  }
  const result = behind(last.from, text.slice(0, last.from + last.source.length));
  return { definitions, result: parseFormula(result, names) };
}

/** Before anything is parsed: a link may bring any text. */
function checkSize(text: string): void {
  if (text.length > MOST_CHARACTERS)
    throw new FormulaError(`${text.length} characters are too many: at most ${MOST_CHARACTERS}`, {
      from: 0,
      to: 1,
    });
  let [depth, operators] = [0, 0];
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]!;
    if (sign === ';') [depth, operators] = [0, 0];
    else if (sign === '(' || sign === '[') depth++;
    else if (sign === ')' || sign === ']') depth--;
    else if ('+-*/^<>=!~&|?:,'.includes(sign)) operators++;
    if (depth > MOST_DEPTH || operators > MOST_OPERATORS)
      throw new FormulaError(
        depth > MOST_DEPTH
          ? `more than ${MOST_DEPTH} parentheses lie in one another here`
          : `more than ${MOST_OPERATORS} operators in one part; give parts of it names`,
        { from: at, to: at + 1 },
      );
  }
}

/** The parts between semicolons that are not empty; a semicolon at the end changes nothing. */
function statementsOf(text: string): { source: string; from: number }[] {
  let from = 0;
  const parts = text.split(';').map((source) => {
    const part = { source, from };
    from += source.length + 1;
    return part;
  });
  return parts.filter(({ source }) => source.trim() !== '');
}

function checkName(name: string, names: ReadonlyMap<string, unknown>, from: number): void {
  const place = { from, to: from + name.length };
  if (names.has(name)) throw new FormulaError(`'${name}' is there already; choose another name`, place);
  if (formulaOps.has(name) || !isJavaScriptName(name))
    throw new FormulaError(`'${name}' cannot be a name here; choose another`, place);
}

/** The part of a text behind `from`, with spaces before it, so that places in it are places in the whole. */
function behind(from: number, text: string): string {
  return ' '.repeat(from) + text.slice(from);
}

function leadingSpaces(text: string): number {
  return text.length - text.trimStart().length;
}
