/** Whether WebGPU finds an adapter here, asked in a child process and remembered until a driver changes. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** @typedef {'adapter' | 'missing' | 'load' | 'crash'} Problem */
/** @typedef {{ adapter?: string, problem?: Problem, message?: string }} Probe */

/** A driver that takes longer than this is broken, even where the machine is busy. */
const TIMEOUT_MS = 300_000;

/** @param {string} cacheFile where a success is remembered @returns {Probe} */
export function findAdapter(cacheFile) {
  const fingerprint = driverFingerprint();
  try {
    const known = JSON.parse(readFileSync(cacheFile, 'utf8'));
    if (known.fingerprint === fingerprint) return { adapter: known.adapter };
  } catch {
    // Never asked, or not ours: ask.
  }
  const probe = probeAdapter();
  if (probe.adapter) remember(cacheFile, { fingerprint, adapter: probe.adapter });
  return probe;
}

/** @returns {Probe} */
export function probeAdapter() {
  const script = fileURLToPath(new URL('probe.mjs', import.meta.url));
  const child = spawnSync(process.execPath, [script], { encoding: 'utf8', timeout: TIMEOUT_MS });
  try {
    return JSON.parse(child.stdout.trim().split('\n').at(-1) ?? '');
  } catch {
    const reason = child.signal ?? `exit code ${child.status}`;
    return {
      problem: 'crash',
      message: `asking for an adapter ended with ${reason}: ${child.stderr.trim().slice(-500)}`,
    };
  }
}

/** What decides which adapter there is: driver lists with their dates, loader, device files, environment. */
function driverFingerprint() {
  const folders = ['/usr/share', '/usr/local/share', '/etc', join(homedir(), '.local/share')].map((path) =>
    join(path, 'vulkan/icd.d'),
  );
  const files = [...folders, '/dev/dri', '/dev'].flatMap((folder) => {
    const names = list(folder).filter((name) => folder !== '/dev' || /^(nvidia\d|dxg|kfd)/.test(name));
    return names.map((name) => `${folder}/${name} ${modified(join(folder, name), folder)}`);
  });
  const libraries = [
    '/usr/lib/x86_64-linux-gnu',
    '/usr/lib/aarch64-linux-gnu',
    '/usr/lib64',
    '/usr/lib',
  ].flatMap((folder) => {
    const drivers = list(folder).filter((name) => /^libvulkan/.test(name));
    return drivers.map((name) => `${folder}/${name} ${modified(join(folder, name), folder)}`);
  });
  const { VK_DRIVER_FILES, VK_ICD_FILENAMES, VK_ADD_DRIVER_FILES } = process.env;
  return JSON.stringify([
    process.version,
    process.arch,
    VK_DRIVER_FILES,
    VK_ICD_FILENAMES,
    VK_ADD_DRIVER_FILES,
    files,
    libraries,
  ]);
}

/** @param {string} path @param {string} folder */
function modified(path, folder) {
  if (folder.startsWith('/dev')) return '';
  try {
    return statSync(path).mtimeMs;
  } catch {
    return 'broken';
  }
}

/** @param {string} folder */
function list(folder) {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** @param {string} path @param {object} value */
function remember(path, value) {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${JSON.stringify(value)}\n`);
  } catch {
    // A read-only installation asks every time.
  }
}
