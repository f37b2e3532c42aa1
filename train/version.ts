/** The version of this package and the processor it runs on: what figures are told with. */

import { existsSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** From our own package.json, in the sources and in dist/ alike. */
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

export function cpuName(): string {
  return `${cpus()[0]?.model.trim() ?? 'unknown'} (${cpus().length} cores)`;
}
