/** Builds dist/: modules and their types, and nothing else. */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
rmSync(`${root}dist`, { recursive: true, force: true });
const tsc = fileURLToPath(import.meta.resolve('typescript/package.json')).replace('package.json', 'bin/tsc');
const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});
if (status === 0) {
  chmodSync(`${root}dist/bin/limbeck.js`, 0o755);
  typePreprocessor();
}
process.exitCode = status ?? 1;

/** wgsl-preprocessor ships no types: ours travel along, and the one file that imports it points to them. */
function typePreprocessor() {
  const types = 'kernels/wgsl-preprocessor.d.ts';
  const user = `${root}dist/kernels/wgsl.d.ts`;
  copyFileSync(`${root}${types}`, `${root}dist/${types}`);
  writeFileSync(user, `/// <reference path="./wgsl-preprocessor.d.ts" />\n${readFileSync(user, 'utf8')}`);
}
