/** For Vite and rolldown: the sources of the modules that package.json's "browser" puts in place of others in dist/. */
import { readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
/** @type {{ browser: Record<string, string> }} */
const { browser } = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8'));

/** @param {string} path */
const inDist = (path) => `./dist/${relative(root, path).replace(/\.ts$/, '.js')}`;
/** @param {string} path */
const inSources = (path) => resolve(root, path.replace('./dist/', '').replace(/\.js$/, '.ts'));

/** @returns {import('vite').Plugin} */
export function browserModulesPlugin() {
  return {
    name: 'browser-modules',
    enforce: 'pre',
    resolveId(source, importer) {
      if (!importer || !source.startsWith('.')) return undefined;
      const other = browser[inDist(resolve(dirname(importer), source))];
      return other === undefined ? undefined : inSources(other);
    },
  };
}
