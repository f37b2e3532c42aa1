/** What `JSON.parse` does not tell of a text: members that an object has twice, of which it keeps the last; and how deep it goes. */
import { UserError } from '../../base/errors.ts';
import { visibleLine } from '../../base/visible.ts';

/** No file of ours goes deeper. */
const DEEPEST = 100;

/** Strings whole, and the signs between them; numbers and words do not matter. */
const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],:]/gs;

interface Level {
  /** Of an object its members; of a list how many entries are behind. */
  readonly members: Set<string> | undefined;
  index: number;
  /** The member that is being read. */
  name: string;
}

/** @throws UserError with line and column. A text that is no JSON is left to `JSON.parse`. */
export function checkJsonShape(text: string, file: string): void {
  const levels: Level[] = [];
  let string: { text: string; at: number } | undefined;
  for (const { 0: token, index: at } of text.matchAll(TOKENS)) {
    const level = levels.at(-1);
    if (token.startsWith('"')) string = { text: token, at };
    else if (token === '{' || token === '[') {
      if (levels.length >= DEEPEST) throw fail(text, file, at, `nested more than ${DEEPEST} deep`);
      levels.push({ members: token === '{' ? new Set() : undefined, index: 0, name: '' });
    } else if (token === '}' || token === ']') levels.pop();
    else if (token === ',' && level) level.index++;
    else if (token === ':' && level?.members && string) {
      const name = nameOf(string.text);
      level.name = name;
      if (level.members.has(name))
        throw fail(text, file, string.at, `${pathOf(levels)} is there twice; leave one out`);
      level.members.add(name);
    }
  }
}

function nameOf(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return quoted;
  }
}

/** 'base.epochs', 'grid.data[1].noise'. */
function pathOf(levels: readonly Level[]): string {
  const parts = levels.map(({ members, index, name }) => (members ? `.${name}` : `[${index}]`));
  return `'${visibleLine(parts.join('').replace(/^\./, ''))}'`;
}

function fail(text: string, file: string, at: number, problem: string): UserError {
  const before = text.slice(0, at).split('\n');
  return new UserError(`${file}: line ${before.length}, column ${before.at(-1)!.length + 1}: ${problem}`);
}
