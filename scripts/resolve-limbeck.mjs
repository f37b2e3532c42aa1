/**
 * Module hooks for a user's files outside this repository: 'limbeck' is this repository's sources, and a .ts file is an
 * ES module, whatever package.json is or is not beside it. Were it CommonJS, it would get a second copy of the engine.
 */
const entries = new Map([
  ['limbeck', new URL('../index.ts', import.meta.url).href],
  ['limbeck/bench', new URL('../bench/index.ts', import.meta.url).href],
  ['limbeck/study', new URL('../cli/from-code.ts', import.meta.url).href],
]);

/** @type {import('node:module').ResolveHook} */
export async function resolve(specifier, context, next) {
  const resolved = await next(entries.get(specifier) ?? specifier, context);
  const isSource = /\.tsx?(\?|$)/.test(resolved.url) && !resolved.url.includes('/node_modules/');
  return isSource && resolved.format !== 'module' ? { ...resolved, format: 'module' } : resolved;
}
