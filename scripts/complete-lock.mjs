/**
 * Adds to package-lock.json the packages of other platforms that npm left out, because a registry may
 * lack them: with one missing, `npm ci` refuses the whole file, on every platform. Asks the registry for
 * checksums that are missing, so that no package is installed unseen. Run it after a change of dependencies.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const SYSTEMS = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
];
const PROCESSORS = [
  'arm',
  'arm64',
  'ia32',
  'loong64',
  'mips64el',
  'ppc64',
  'riscv64',
  's390x',
  'wasm32',
  'x64',
];

/** @typedef {{ name: string, version: string, neededBy: string }} Missing */

/**
 * Optional dependencies without an entry of their own.
 * @param {{ packages: Record<string, { optionalDependencies?: Record<string, string> }> }} lock
 * @returns {Missing[]}
 */
export function missingOptional({ packages }) {
  return Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => !packages[`${path}/node_modules/${name}`] && !packages[`node_modules/${name}`])
      .map(([name, version]) => ({ name, version, neededBy: path })),
  );
}

/** What npm would write, less the checksum: the platform is in the name. @param {Missing} missing */
function entryOf({ name, version, neededBy }) {
  const words = name.split(/[/-]/);
  const system = words.find((word) => SYSTEMS.includes(word));
  const processor = words.find((word) => PROCESSORS.includes(word));
  if (!system || !processor || !/^\d/.test(version)) {
    throw new Error(`${neededBy} needs ${name}@${version}, whose platform the name does not tell`);
  }
  const library = words.includes('musl')
    ? { libc: ['musl'] }
    : words.includes('gnu')
      ? { libc: ['glibc'] }
      : {};
  return { version, cpu: [processor], dev: true, ...library, optional: true, os: [system] };
}

/**
 * Packages without a checksum.
 * @param {{ packages: Record<string, { version?: string, integrity?: string, link?: boolean }> }} lock
 */
export function unchecked({ packages }) {
  return Object.entries(packages).flatMap(([path, { version, integrity, link }]) =>
    path === '' || link || integrity ? [] : [{ path, name: path.replace(/^.*node_modules\//, ''), version }],
  );
}

/** Undefined if the registry does not have the package. @param {string} name @param {string | undefined} version */
function checksumOf(name, version) {
  try {
    const text = execFileSync('npm', ['view', `${name}@${version}`, 'dist.integrity'], { encoding: 'utf8' });
    return /^sha512-\S+$/.exec(text.trim())?.[0];
  } catch {
    return undefined;
  }
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const path = fileURLToPath(new URL('../package-lock.json', import.meta.url));
  const lock = JSON.parse(readFileSync(path, 'utf8'));
  const missing = missingOptional(lock);
  for (const one of missing) lock.packages[`node_modules/${one.name}`] = entryOf(one);
  for (const { path: place, name, version } of unchecked(lock)) {
    const { version: own, ...rest } = lock.packages[place];
    const integrity = checksumOf(name, version);
    if (integrity === undefined) console.log(`no checksum: the registry does not have ${name}@${version}`);
    else lock.packages[place] = { version: own, integrity, ...rest };
  }
  // npm's own order, so that it finds nothing to rewrite.
  const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
  writeFileSync(path, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`);
  console.log(
    missing.length === 0 ? 'nothing is missing' : `added ${missing.map(({ name }) => name).join(', ')}`,
  );
}
