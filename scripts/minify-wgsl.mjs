/**
 * Shortens the WGSL in the library's own modules: comments, indentation and empty lines go, lines stay lines. For dist/
 * and for bundles; what users write themselves is not touched, so that compilers name the lines that they know.
 */
import { parseAst } from 'vite';

/** Where templates of several lines are WGSL, and nothing else is one. */
const FOLDERS = /[\\/](kernels|losses)[\\/].*\.[jt]s$/;

/**
 * The text of a JavaScript module with its templates of several lines shortened. Those without `#if` lose their tag
 * `wgsl`, which would do nothing: bundlers drop a template that nobody uses, but not a call.
 * @param {string} code
 */
export function minifyWgsl(code) {
  /** @type {{ start: number, end: number, text: string }[]} */
  const edits = [];
  walk(parseAst(code), (node) => {
    if (node.type === 'TaggedTemplateExpression' && isTagWithoutUse(node))
      edits.push({ start: node.tag.start, end: node.tag.end, text: '' });
    if (node.type !== 'TemplateLiteral') return;
    /** @type {{ start: number, end: number }[]} */
    const quasis = node.quasis;
    if (!quasis.some(({ start, end }) => code.slice(start, end).includes('\n'))) return;
    for (const { start, end } of quasis) edits.push({ start, end, text: shorten(code.slice(start, end)) });
  });
  edits.sort((a, b) => b.start - a.start);
  return edits.reduce((text, edit) => text.slice(0, edit.start) + edit.text + text.slice(edit.end), code);
}

/**
 * For Vite and rolldown, with sources as with dist/.
 * @returns {import('vite').Plugin}
 */
export function minifyWgslPlugin() {
  return {
    name: 'minify-wgsl',
    enforce: 'post',
    transform: (code, id) => (FOLDERS.test(id) ? { code: minifyWgsl(code), map: null } : undefined),
  };
}

/** A comment that a value interrupts stays, since its other half would become code. @param {string} text */
function shorten(text) {
  return text.replaceAll(/[ \t]*\/\/[^\n]*(?=\n)/g, '').replaceAll(/[ \t]*\n\s*/g, '\n');
}

/** @param {any} node */
function isTagWithoutUse({ tag, quasi }) {
  /** @type {{ value: { raw: string } }[]} */
  const quasis = quasi.quasis;
  return (
    tag.type === 'Identifier' && tag.name === 'wgsl' && !quasis.some(({ value }) => value.raw.includes('#'))
  );
}

/**
 * @param {any} node
 * @param {(node: any) => void} visit
 */
function walk(node, visit) {
  if (typeof node !== 'object' || node === null) return;
  if (typeof node.type === 'string') visit(node);
  for (const child of Object.values(node)) walk(child, visit);
}
