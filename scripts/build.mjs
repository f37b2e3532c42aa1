/** Builds dist/: modules and their types, and nothing else. `node scripts/build.mjs FOLDER` builds into an empty folder. */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { minifyWgsl } from './minify-wgsl.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const [, , folder] = process.argv;
const dist = resolve(folder ?? join(root, 'dist'));
// Only our own folder is ours to clear.
if (folder === undefined) rmSync(dist, { recursive: true, force: true });
const tsc = fileURLToPath(import.meta.resolve('typescript/package.json')).replace('package.json', 'bin/tsc');
const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', dist], {
  cwd: root,
  stdio: 'inherit',
});
if (status === 0) {
  chmodSync(join(dist, 'bin/limbeck.js'), 0o755);
  for (const name of ['kernels', 'losses']) minifyFolder(join(dist, name));
  typePreprocessor();
}
process.exitCode = status ?? 1;

/** @param {string} path */
function minifyFolder(path) {
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' });
  for (const name of names.filter((file) => file.endsWith('.js'))) {
    const file = join(path, name);
    writeFileSync(file, minifyWgsl(readFileSync(file, 'utf8')));
  }
}

/** wgsl-preprocessor ships no types: ours travel along, and the one file that imports it points to them. */
function typePreprocessor() {
  const types = 'kernels/wgsl-preprocessor.d.ts';
  const user = join(dist, 'kernels/wgsl.d.ts');
  copyFileSync(join(root, types), join(dist, types));
  writeFileSync(user, `/// <reference path="./wgsl-preprocessor.d.ts" />\n${readFileSync(user, 'utf8')}`);
}
