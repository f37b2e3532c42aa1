/**
 * How large the engine is in a page: `npm run size`. An MLP that is trained with teacher outlier rejection, bundled and
 * minified by Vite, with gzip -9.
 */
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { browserModulesPlugin } from './browser-modules.mjs';
import { minifyWgslPlugin } from './minify-wgsl.mjs';

/** Bytes; README.md says so. */
export const sizeBudget = 52_000;

const names = 'openGpu, tensor, grad, capture, adam, mlp, dualHead, tor, torDual, outlierMask';
const root = fileURLToPath(new URL('..', import.meta.url));
const ENTRY = 'limbeck-size';

/**
 * Size of the bundle in bytes, and of its modules before they are minified, the largest first.
 * @returns {Promise<{ bytes: number, gzip: number, modules: { path: string, bytes: number }[] }>}
 */
export async function measureSize() {
  const result = await build({
    root,
    configFile: false,
    logLevel: 'error',
    plugins: [entryPlugin(), browserModulesPlugin(), minifyWgslPlugin()],
    build: {
      write: false,
      target: 'es2023',
      modulePreload: false,
      rolldownOptions: {
        input: ENTRY,
        preserveEntrySignatures: 'strict',
        output: { format: 'es', minify: true },
      },
    },
  });
  const outputs = Array.isArray(result) ? result : [result];
  const chunks = outputs.flatMap((each) => ('output' in each ? each.output : []));
  const [chunk] = chunks;
  if (chunks.length !== 1 || chunk?.type !== 'chunk')
    throw new Error(`size: ${chunks.length} files, wants one`);
  const modules = Object.entries(chunk.modules).map(([path, module]) => ({
    path: path.replace(root, ''),
    bytes: module.renderedLength,
  }));
  modules.sort((a, b) => b.bytes - a.bytes);
  return { bytes: chunk.code.length, gzip: gzipSync(chunk.code, { level: 9 }).length, modules };
}

/** @returns {import('vite').Plugin} */
function entryPlugin() {
  return {
    name: 'entry',
    resolveId: (id) => (id === ENTRY ? id : undefined),
    load: (id) => (id === ENTRY ? `export { ${names} } from '${root}index.ts';` : undefined),
  };
}

/** @param {Awaited<ReturnType<typeof measureSize>>} size */
export function sizeText({ bytes, gzip, modules }) {
  const largest = modules.slice(0, 12).map(({ path, bytes: own }) => `${String(own).padStart(8)}  ${path}`);
  return [
    `${gzip} bytes gzipped, ${bytes} minified; the budget is ${sizeBudget}: ${names}`,
    'largest modules, not minified:',
    ...largest,
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const size = await measureSize();
  console.log(sizeText(size));
  if (size.gzip > sizeBudget) process.exitCode = 1;
}
