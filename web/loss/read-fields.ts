/** Understands the form: lists, numbers, the formula; and says what is wrong where. */
import { derivativeName } from '../../kernels/training/fused-loss.ts';
import { checkNames } from '../../kernels/kernel.ts';
import { suggestion } from '../../base/suggest.ts';
import { FormulaError, namesIn, type Place, type Program } from './formula/formula.ts';
import { formulaOps } from './formula/formula-ops.ts';
import { parseProgram } from './formula/parse-program.ts';
import { isJavaScriptName } from './formula/reserved-words.ts';
import type { FieldName, Fields, LossSource, Problem, Signature } from './source.ts';

export interface Reading {
  readonly problems: readonly Problem[];
  /** There if the names and numbers are right, whatever the formula is. */
  readonly signature?: Signature;
  readonly source?: LossSource;
}

interface Word extends Place {
  readonly text: string;
}

/** Characters that a field may have: more than any loss needs, and so few that nothing takes long. */
const MOST_CHARACTERS: Readonly<Record<FieldName, number>> = {
  name: 100,
  inputs: 500,
  wrt: 500,
  params: 1000,
  composed: 20_000,
  fused: 50_000,
};

export function readFields(fields: Fields): Reading {
  const problems: Problem[] = [];
  const complain = (field: FieldName, message: string, place: Place = whole(fields[field])) =>
    void problems.push({ field, message, severity: 'error', from: place.from, to: place.to });

  for (const field of Object.keys(MOST_CHARACTERS) as FieldName[]) {
    const most = MOST_CHARACTERS[field];
    if (fields[field].length > most)
      complain(field, `${fields[field].length} characters are too many: at most ${most}`, { from: 0, to: 1 });
  }
  // What a link brings is not looked at any further then.
  if (problems.length > 0) return { problems };

  const name = fields.name.trim();
  if (name === '') complain('name', 'the loss needs a name');
  else if (!isJavaScriptName(name) || formulaOps.has(name))
    complain('name', `'${name}' cannot be the name of an export; letters and digits, as in myLoss`);
  const inputs = inputsOf(fields, complain);
  if (inputs.length === 0) complain('inputs', 'a loss has at least one input, such as pred');
  const wrt = wordsOf(fields.wrt).map((word) => {
    if (!inputs.includes(word.text)) {
      const hint = suggestion(word.text, inputs) || `; they are ${inputs.join(', ')}`;
      complain('wrt', `'${word.text}' is not among the inputs${hint}`, word);
    }
    return word.text;
  });
  if (wrt.length === 0) complain('wrt', 'name the inputs that gradients flow to, such as pred');
  const params = paramsOf(fields, complain);
  try {
    const names = ['value', 'size', ...inputs, ...wrt.map(derivativeName), ...Object.keys(params)];
    if (problems.length === 0) checkNames(name, names);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const [, key = ''] = /'(\w+)'/.exec(message) ?? [];
    const field = inputs.includes(key) ? 'inputs' : 'params';
    complain(field, message, placeOfWord(fields[field], key));
  }
  if (fields.fused.trim() === '')
    complain('fused', 'the WGSL is empty: it returns Element(value, derivative)');
  const signature = problems.length === 0 ? { name, inputs, wrt, params, fused: fields.fused } : undefined;

  const program = programOf(fields, [...inputs, ...Object.keys(params)], complain);
  if (program) {
    const used = namesIn(program);
    for (const key of wrt.filter((one) => inputs.includes(one) && !used.has(one)))
      complain('composed', `no gradient: the formula does not use ${key}, which is in wrt`);
    for (const [field, key] of unusedOf(used, { inputs, params, wrt })) {
      const message = `the formula does not use ${key}`;
      problems.push({ field, message, severity: 'warning', ...placeOfWord(fields[field], key) });
    }
  }
  const isWrong = problems.some(({ severity }) => severity === 'error');
  return {
    problems,
    signature,
    source:
      signature && program && !isWrong ? { ...signature, program, composed: fields.composed } : undefined,
  };
}

type Complain = (field: FieldName, message: string, place?: Place) => void;

function programOf(fields: Fields, names: readonly string[], complain: Complain): Program | undefined {
  try {
    return parseProgram(fields.composed, names);
  } catch (error) {
    if (!(error instanceof FormulaError)) throw error;
    complain('composed', error.message, error);
    return undefined;
  }
}

function unusedOf(
  used: ReadonlySet<string>,
  { inputs, params, wrt }: Pick<Signature, 'inputs' | 'params' | 'wrt'>,
): [FieldName, string][] {
  const unused = (key: string) => !used.has(key) && !wrt.includes(key);
  return [
    ...inputs.filter(unused).map((key): [FieldName, string] => ['inputs', key]),
    ...Object.keys(params)
      .filter(unused)
      .map((key): [FieldName, string] => ['params', key]),
  ];
}

function inputsOf({ inputs }: Fields, complain: Complain): string[] {
  return wordsOf(inputs).map((word) => {
    checkWord(word, 'inputs', complain);
    return word.text;
  });
}

/** 'eps = 0.001, delta = 1' */
function paramsOf(fields: Fields, complain: Complain): Record<string, number> {
  const params: Record<string, number> = {};
  for (const word of wordsOf(fields.params)) {
    const [, name = '', number = ''] = /^([^=]*)=(.*)$/s.exec(word.text) ?? [];
    const value = Number(number);
    if (name.trim() === '' || number.trim() === '' || !Number.isFinite(value)) {
      complain('params', `'${word.text}': wants name = number, as in eps = 0.001`, word);
      continue;
    }
    const key = name.trim();
    checkWord({ ...word, text: key, to: word.from + key.length }, 'params', complain);
    params[key] = value;
  }
  return params;
}

function checkWord(word: Word, field: FieldName, complain: Complain): void {
  if (!isJavaScriptName(word.text)) complain(field, `'${word.text}' is not a name in camelCase`, word);
  else if (formulaOps.has(word.text))
    complain(field, `'${word.text}' is a function of formulas; choose another name`, word);
}

/** What stands between commas. */
function wordsOf(list: string): Word[] {
  return [...list.matchAll(/[^,]+/g)].flatMap(({ 0: part, index }) => {
    const text = part.trim();
    if (text === '') return [];
    const from = index + part.length - part.trimStart().length;
    return [{ text, from, to: from + text.length }];
  });
}

/** Of a name in a list, or of one with a number: 'eps' in 'eps = 0.1'. */
function placeOfWord(text: string, word: string): Place {
  const found = wordsOf(text).find((each) => each.text.split('=')[0]!.trim() === word);
  return found ? { from: found.from, to: found.from + word.length } : whole(text);
}

function whole(text: string): Place {
  return { from: 0, to: text.length };
}
