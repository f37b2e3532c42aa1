/** docs/design.md names every source file, in its folder, and no other. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const isSource = (name: string) => /\.(ts|mjs|css)$/.test(name);

/** Names by folder. A folder in bold begins a list: **`engine/gpu/`**: `gpu.ts`, …; `*` stands for any letters. */
function namesByFolder(text: string): Map<string, string[]> {
  const [, ...parts] = text.slice(text.indexOf('\n## Files')).split('**`');
  return new Map(
    parts.map((part) => {
      const [folder, rest] = part.split('/`**') as [string, string];
      return [folder, [...rest.matchAll(/`([\w*.-]+)`/g)].map(([, name]) => name!).filter(isSource)];
    }),
  );
}

function isMeant(name: string, pattern: string): boolean {
  const [start, end] = pattern.split('*') as [string, string?];
  if (end === undefined) return name === pattern;
  return name.length >= start.length + end.length && name.startsWith(start) && name.endsWith(end);
}

/** The library's folders with the sources that lie in each: all but tests, documents and what is built or installed. */
function sourcesByFolder(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const visit = (folder: string) => {
    const entries = readdirSync(join(root, folder), { withFileTypes: true });
    const sources = entries.filter((entry) => entry.isFile() && isSource(entry.name));
    if (sources.length > 0)
      found.set(
        folder,
        sources.map(({ name }) => name),
      );
    for (const { name } of entries.filter((entry) => entry.isDirectory() && entry.name !== 'node_modules'))
      visit(`${folder}/${name}`);
  };
  rooms.forEach(visit);
  return found;
}

const names = namesByFolder(readFileSync(join(root, 'docs/design.md'), 'utf8'));
/** Of the tests only the folders are described. */
const rooms = [...new Set([...names.keys()].map((folder) => folder.split('/')[0]!))].filter(
  (room) => room !== 'test',
);

test('every top folder with sources is described', () => {
  const folders = readdirSync(root, { withFileTypes: true }).filter(
    (entry) =>
      entry.isDirectory() && !/^(\..*|node_modules|dist.*|docs|runs|cases-numbers|shared)$/.test(entry.name),
  );
  const withSources = folders.filter(({ name }) => readdirSync(join(root, name)).some(isSource));
  for (const { name } of withSources) expect([...rooms, 'test'], name).toContain(name);
});

test('every source file is named in its folder', () => {
  const missing = [...sourcesByFolder()].flatMap(([folder, files]) =>
    files
      .filter((file) => !(names.get(folder) ?? []).some((pattern) => isMeant(file, pattern)))
      .map((file) => `${folder}/${file}`),
  );
  expect(missing, 'docs/design.md, Files: not named').toEqual([]);
});

test('every name is a file', () => {
  for (const [folder, patterns] of names) {
    expect(existsSync(join(root, folder)), folder).toBe(true);
    if (folder === 'test') continue;
    const files = readdirSync(join(root, folder));
    const idle = patterns.filter((pattern) => !files.some((file) => isMeant(file, pattern)));
    expect(idle, `docs/design.md, Files: not in ${folder}/`).toEqual([]);
  }
});
