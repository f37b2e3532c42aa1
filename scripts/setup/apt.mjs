/** Debian's package tool: its sources in both notations, versions, and a backports source made from them. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * An apt source. `fields` are the remaining deb822 fields, such as Signed-By, as they were written.
 * @typedef {object} AptSource
 * @property {string[]} types
 * @property {string[]} uris
 * @property {string[]} suites
 * @property {string[]} components
 * @property {Record<string, string>} fields
 */

export const BACKPORTS_FILE = '/etc/apt/sources.list.d/limbeck-backports.sources';

/** The sources of this machine. @returns {AptSource[]} */
export function readAptSources(folder = '/etc/apt') {
  const parts = list(join(folder, 'sources.list.d')).map((name) => join(folder, 'sources.list.d', name));
  return [join(folder, 'sources.list'), ...parts].flatMap((path) => {
    if (path.endsWith('.sources')) return parseDeb822(read(path));
    return path.endsWith('.list') ? parseOneLine(read(path)) : [];
  });
}

/**
 * deb822 notation: `Types: deb`, `URIs: …`, a blank line between sources.
 * @param {string} text
 * @returns {AptSource[]}
 */
export function parseDeb822(text) {
  const stanzas = text.replaceAll(/^#.*\n?/gm, '').split(/\n\s*\n/);
  return stanzas.flatMap((stanza) => {
    /** @type {Map<string, string>} */
    const fields = new Map();
    for (const [, key = '', value = ''] of stanza.matchAll(/^([\w-]+):[ \t]*(.*(?:\n[ \t].*)*)/gm)) {
      fields.set(key.toLowerCase(), value.trimEnd());
    }
    /** @param {string} key */
    const words = (key) => (fields.get(key) ?? '').split(/\s+/).filter(Boolean);
    const [types, uris, suites, components] = ['types', 'uris', 'suites', 'components'].map(words);
    if (
      !types?.length ||
      !uris?.length ||
      !suites?.length ||
      /^(no|false|0)$/i.test(fields.get('enabled') ?? '')
    )
      return [];
    for (const key of ['types', 'uris', 'suites', 'components', 'enabled']) fields.delete(key);
    return [{ types, uris, suites, components: components ?? [], fields: Object.fromEntries(fields) }];
  });
}

/**
 * One-line notation: `deb [signed-by=/key] http://mirror/debian bookworm main`.
 * @param {string} text
 * @returns {AptSource[]}
 */
export function parseOneLine(text) {
  return [...text.matchAll(/^[ \t]*(deb|deb-src)[ \t]+(?:\[([^\]]*)\][ \t]+)?([^#\n]+)/gm)].flatMap(
    ([, type = '', options = '', rest = '']) => {
      const [uri = '', suite = '', ...components] = rest.trim().split(/\s+/);
      if (suite === '' || uri.startsWith('cdrom:')) return [];
      const pairs = options
        .trim()
        .split(/\s+/)
        .filter(Boolean)
        .map((option) => option.split('='));
      const fields = pairs.map(([key = '', value = '']) => [
        key === 'arch' ? 'architectures' : key,
        value.replaceAll(',', ' '),
      ]);
      return [
        { types: [type], uris: [uri], suites: [suite], components, fields: Object.fromEntries(fields) },
      ];
    },
  );
}

/**
 * The text of a source for `<codename>-backports`, on the mirror and with the key that `codename` itself
 * comes from; undefined if no source tells.
 * @param {AptSource[]} sources
 * @param {string} codename
 */
export function backportsSource(sources, codename) {
  const main = sources.find(({ types, suites }) => types.includes('deb') && suites.includes(codename));
  if (!main) return undefined;
  const fields = Object.entries(main.fields).map(([key, value]) => `${fieldName(key)}: ${value}`);
  return [
    '# Written by the set-up of limbeck: a Mesa that WebGPU accepts.',
    'Types: deb',
    `URIs: ${main.uris.join(' ')}`,
    `Suites: ${codename}-backports`,
    `Components: ${main.components.join(' ') || 'main'}`,
    ...fields,
    '',
  ].join('\n');
}

/**
 * The versions of a package that apt knows, newest first as apt lists them.
 * @param {string} name
 * @returns {{ version: string, from: string }[]}
 */
export function aptVersions(name) {
  const { stdout } = spawnSync('apt-cache', ['madison', name], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  });
  return (stdout ?? '').split('\n').flatMap((line) => {
    const [, version, from] = line.split('|').map((part) => part.trim());
    return version && from && !from.endsWith('Sources') ? [{ version, from }] : [];
  });
}

/**
 * Whether an upstream version, '25.0.7-2~bpo12+1', is at least `wanted`, '23.1'; an epoch is ignored.
 * @param {string} version
 * @param {string} wanted
 */
export function isAtLeast(version, wanted) {
  const have = numbers(version);
  const need = numbers(wanted);
  const at = need.findIndex((part, i) => part !== (have[i] ?? 0));
  return at < 0 || (have[at] ?? 0) > (need[at] ?? 0);
}

/** `/etc/os-release` as an object. @param {string} text @returns {Record<string, string>} */
export function parseOsRelease(text) {
  return Object.fromEntries(
    [...text.matchAll(/^([A-Z_]+)=["']?(.*?)["']?$/gm)].map(([, key, value]) => [key, value]),
  );
}

/** @param {string} version */
function numbers(version) {
  const [upstream = ''] = version.replace(/^\d+:/, '').split(/[^0-9.]/);
  return upstream.split('.').map(Number);
}

/** @param {string} key */
function fieldName(key) {
  return key.replaceAll(/(^|-)([a-z])/g, (_, dash, letter) => dash + letter.toUpperCase());
}

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** @param {string} folder */
function list(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
