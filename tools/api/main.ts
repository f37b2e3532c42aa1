/** `npm run api` writes docs/api/ from the declarations that a build makes; `--check` fails when a page is stale. */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sectionsOf } from './declarations.ts';
import { pagesOf } from './pages.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const target = join(root, 'docs/api');

/** Entry points by the source files that export them. */
const entries = { limbeck: 'index', 'limbeck/study': 'cli/from-code', 'limbeck/bench': 'bench/index' };

/** File names and what is to stand in them. @throws if the sources do not compile. */
export function apiPages(): Map<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'limbeck-api-'));
  try {
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const words = ['-p', 'tsconfig.build.json', '--emitDeclarationOnly', '--outDir', folder];
    const { status, stdout } = spawnSync(process.execPath, [tsc, ...words], { cwd: root, encoding: 'utf8' });
    if (status !== 0) throw new Error(`the sources do not compile:\n${stdout}`);
    return pagesOf(
      Object.entries(entries).map(([name, source]) => ({
        name,
        sections: sectionsOf(join(folder, `${source}.d.ts`), join(root, `${source}.ts`)),
      })),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Pages that are not as they should be, or should not be. */
export function stalePages(pages: ReadonlyMap<string, string>): string[] {
  const there = existsSync(target) ? readdirSync(target) : [];
  const changed = [...pages].filter(
    ([name, text]) => !there.includes(name) || readFileSync(join(target, name), 'utf8') !== text,
  );
  return [...changed.map(([name]) => name), ...there.filter((name) => !pages.has(name))];
}

export function main(argv: readonly string[]): number {
  const pages = apiPages();
  const stale = stalePages(pages);
  if (argv.includes('--check')) {
    for (const name of stale) process.stderr.write(`docs/api/${name} is stale: npm run api\n`);
    return stale.length > 0 ? 1 : 0;
  }
  mkdirSync(target, { recursive: true });
  for (const name of stale) {
    const text = pages.get(name);
    if (text === undefined) rmSync(join(target, name));
    else writeFileSync(join(target, name), text);
  }
  process.stdout.write(`docs/api/: ${pages.size} pages, ${stale.length} of them changed\n`);
  return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main(process.argv.slice(2));
