/**
 * Fills the documentation with code from the files that are tested. In docs/*.md and README.md, what stands between a
 * line `<!-- include: PATH -->` and the line `<!-- end -->` is replaced by that file in a fence; with
 * `<!-- include: PATH with "TEXT" -->` by the statements whose first line contains TEXT, and the comments above them.
 * `node scripts/docs.mjs` writes, `--check` fails when something is stale.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const MARK = /^<!-- include: (\S+)(?: with "(.+)")? -->$/;
const END = '<!-- end -->';

/**
 * The pages whose includes are stale; written too, unless `isCheck`.
 * @param {{ isCheck?: boolean, folder?: string }} [options]
 */
export function updateDocs({ isCheck = false, folder = root } = {}) {
  /** @param {string} path */
  const read = (path) => readFileSync(join(folder, path), 'utf8');
  // All are read before any is written: an error changes nothing.
  const stale = pages(folder)
    .map((page) => ({ page, text: read(page) }))
    .map(({ page, text }) => ({ page, text, wanted: expand(text, { page, read }) }))
    .filter(({ text, wanted }) => wanted !== text);
  if (!isCheck) for (const { page, wanted } of stale) writeFileSync(join(folder, page), wanted);
  return stale.map(({ page }) => page);
}

/** @param {string} folder */
function pages(folder) {
  const docs = existsSync(join(folder, 'docs')) ? readdirSync(join(folder, 'docs')) : [];
  const names = docs.filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`);
  return ['README.md', ...names.sort()].filter((page) => existsSync(join(folder, page)));
}

/**
 * A page with its includes filled in.
 * @param {string} text
 * @param {{ page: string, read(path: string): string }} from `page` is for messages
 */
export function expand(text, { page, read }) {
  const lines = text.split('\n');
  const result = [];
  for (let i = 0; i < lines.length; i++) {
    const line = /** @type {string} */ (lines[i]);
    result.push(line);
    const [isMark, path, part] = MARK.exec(line) ?? [];
    if (!isMark || path === undefined) {
      if (line.startsWith('<!-- include')) throw new Error(`${page}:${i + 1}: not an include: ${line}`);
      continue;
    }
    const end = lines.indexOf(END, i);
    const next = lines.findIndex((other, k) => k > i && MARK.test(other));
    if (end < 0 || (next >= 0 && next < end)) throw new Error(`${page}:${i + 1}: '${END}' is missing`);
    const source = sourceOf(read, path, `${page}:${i + 1}`);
    const code = part === undefined ? source.trimEnd() : statements(source, part);
    if (code === '') throw new Error(`${page}:${i + 1}: nothing in ${path} contains "${part}"`);
    const language = path.split('.').pop()?.replace('mjs', 'js');
    const fence = code.includes('```') ? '````' : '```';
    result.push(`${fence}${language}`, code, fence, END);
    i = end;
  }
  return result.join('\n');
}

/** @param {(path: string) => string} read @param {string} path @param {string} where */
function sourceOf(read, path, where) {
  try {
    return read(path);
  } catch (cause) {
    throw new Error(`${where}: ${path} cannot be read`, { cause });
  }
}

/**
 * Every statement whose first line contains `text`, by indentation: to the line that closes it.
 * @param {string} source @param {string} text
 */
function statements(source, text) {
  const lines = source.split('\n');
  const found = [];
  for (let i = 0; i < lines.length; i++) {
    if (!lines[i]?.includes(text) || isComment(lines[i])) continue;
    let first = i;
    while (isComment(lines[first - 1])) first--;
    const last = lastLine(lines, i);
    found.push(...lines.slice(first, last + 1));
    i = last;
  }
  const indents = found.filter((line) => line !== '').map(indentOf);
  const least = Math.min(...indents);
  // Lines of a template may stand further left than the statement.
  return found.map((line) => line.slice(Math.min(least, indentOf(line)))).join('\n');
}

/** @param {string[]} lines @param {number} first */
function lastLine(lines, first) {
  const indent = indentOf(lines[first]);
  let isTemplate = false;
  for (let i = first; i < lines.length; i++) {
    const line = lines[i] ?? '';
    const wasTemplate = isTemplate;
    // A template that ends on its own line changes nothing; WGSL has no backticks.
    if ((line.match(/`/g) ?? []).length % 2 === 1) isTemplate = !isTemplate;
    if (wasTemplate || isTemplate) continue;
    const next = lines[i + 1] ?? '';
    if (i === first && indentOf(next) <= indent && !closes(next)) return i;
    if (i > first && indentOf(line) === indent && closes(line) && !/[{([]$/.test(line)) return i;
    if (i > first && line !== '' && indentOf(line) <= indent && !closes(line)) return i - 1;
  }
  return lines.length - 1;
}

/** @param {string} line */
function closes(line) {
  return /^\s*[})\]]/.test(line);
}

/** @param {string | undefined} line */
function isComment(line) {
  return line !== undefined && /^\s*(\/\/|\/\*\*|\*)/.test(line);
}

/** @param {string} [line] */
function indentOf(line = '') {
  return line.length - line.trimStart().length;
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const isCheck = process.argv.includes('--check');
  try {
    const stale = updateDocs({ isCheck });
    for (const page of stale) console.log(`${page}: ${isCheck ? 'stale, run `npm run docs`' : 'written'}`);
    if (isCheck && stale.length > 0) process.exitCode = 1;
  } catch (error) {
    console.error(`docs: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
