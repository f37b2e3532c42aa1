/** The version of this package, from its own package.json, in the sources and in dist/ alike. */

import { existsSync, readFileSync } from 'node:fs';

export function packageVersion(): string {
  for (const path of ['../package.json', '../../package.json']) {
    const url = new URL(path, import.meta.url);
    if (!existsSync(url)) continue;
    // package.json is ours; a field that is missing shows as 'unknown'.
    const { name, version } = JSON.parse(readFileSync(url, 'utf8')) as { name?: string; version?: string };
    if (name === 'limbeck') return version ?? 'unknown';
  }
  return 'unknown';
}
