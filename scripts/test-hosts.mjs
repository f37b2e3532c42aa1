/** Which hosts a test run has, which files each of them, and what it says at its end: words in, words out. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SetupError } from './setup/steps.mjs';

/**
 * Where tests run; `page` is Node with a Chromium beside it, which its tests drive.
 * @typedef {'node' | 'page' | 'chromium' | 'deno'} Host
 */

/** What the tests of a host need besides the npm packages. @typedef {{ adapter?: boolean, browser?: boolean, deno?: boolean }} Needs */

/**
 * What one host's tests came to. `problem`: why it could not start, or did not end as it should.
 * @typedef {object} Result
 * @property {Host} host
 * @property {number} passed
 * @property {number} failed
 * @property {number} dispatches
 * @property {readonly string[]} adapters
 * @property {number} seconds
 * @property {string} [problem]
 */

/** @type {readonly Host[]} */
const HOSTS = ['node', 'page', 'chromium', 'deno'];

/** A host that needs what another is, so that a machine without that does without both. @type {Partial<Record<Host, Host>>} */
const NEEDED_HOST = { page: 'chromium' };

/** @type {Record<Host, Needs>} */
export const needs = {
  node: {},
  // Parity and the examples compare it with Deno.
  page: { browser: true, deno: true },
  chromium: { adapter: false, browser: true },
  deno: { deno: true },
};

/**
 * The test files of each host, as globs of vitest: what needs no files and processes runs everywhere.
 * @type {Record<Host, { include: string[], exclude?: string[] }>}
 */
export const files = {
  // Tests in Node that start a browser, or use the SwiftShader that comes with one, are apart.
  node: { include: ['test/**/*.test.ts'], exclude: ['test/page/**/*.test.ts'] },
  page: { include: ['test/page/**/*.test.ts'] },
  chromium: { include: ['test/gpu/**/*.test.ts'] },
  deno: { include: ['test/gpu/**/*.test.ts'] },
};

const root = fileURLToPath(new URL('..', import.meta.url));

/** Names of a host's files, from the root. @param {Host} host */
export function filesOf(host) {
  const all = readdirSync(`${root}/test`, { recursive: true, encoding: 'utf8' }).map(
    (name) => `test/${name}`,
  );
  /** @param {string} name @param {readonly string[]} [globs] */
  const matches = (name, globs = []) =>
    globs.some((glob) => {
      const [before = '', after = ''] = glob.split('**/*');
      return name.startsWith(before) && name.endsWith(after);
    });
  const { include, exclude } = files[host];
  return all.filter((name) => matches(name, include) && !matches(name, exclude));
}

/**
 * Whether words for vitest leave a host with nothing to do, so that it needs nothing either. Only names of files and
 * `-t NAME` are understood; after any other option the host runs.
 * @param {Host} host @param {readonly string[]} words
 */
export function isLeftOut(host, words) {
  /** @type {string[]} */
  const names = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    if (word === '-t' || word === '--testNamePattern') i++;
    else if (word.startsWith('-')) return false;
    else names.push(word.replace(`${root}/`, '').replace(/^\.\//, '').replace(/:\d+$/, ''));
  }
  return names.length > 0 && !filesOf(host).some((file) => names.some((name) => file.includes(name)));
}

/**
 * The hosts to run, from the command line and LIMBECK_SKIP_HOSTS; `words` are what is left for vitest.
 * @param {readonly string[]} argv
 * @param {string} [skip] names with commas between
 */
export function chooseHosts(argv, skip = '') {
  /** @type {Host[]} */
  const chosen = [];
  /** @type {string[]} */
  const words = [];
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] ?? '';
    if (word === '--project') chosen.push(hostOf(argv[++i] ?? '', '--project'));
    else if (word.startsWith('--project=')) chosen.push(hostOf(word.slice('--project='.length), '--project'));
    else words.push(word);
  }
  const names = skip
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  const named = new Set(names.map((name) => hostOf(name, 'LIMBECK_SKIP_HOSTS')));
  const skipped = HOSTS.filter((host) => named.has(host) || named.has(NEEDED_HOST[host] ?? host));
  const wanted = HOSTS.filter((host) => chosen.length === 0 || chosen.includes(host));
  const hosts = wanted.filter((host) => !skipped.includes(host));
  if (hosts.length === 0) throw new SetupError(`LIMBECK_SKIP_HOSTS=${skip} leaves no host to test`);
  return { hosts, skipped: wanted.filter((host) => skipped.includes(host)), words };
}

/** @param {Host} host */
function needed(host) {
  return NEEDED_HOST[host] ? ` or ${NEEDED_HOST[host]}, which it needs` : '';
}

/** @param {string} name @param {string} where @returns {Host} */
function hostOf(name, where) {
  const host = HOSTS.find((known) => known === name);
  if (host) return host;
  throw new SetupError(`${where}: no host is called '${name}'; there are ${HOSTS.join(', ')}`);
}

/**
 * A table of the hosts, what is wrong or was left out, and as the last line the sum, 'N passed, N failed'.
 * @param {readonly Result[]} results
 * @param {readonly Host[]} skipped
 */
export function summaryOf(results, skipped) {
  const rows = results.map(({ host, passed, failed, dispatches, seconds, adapters }) => [
    host,
    `${passed} passed`,
    `${failed} failed`,
    `${dispatches.toLocaleString('en')} dispatches`,
    `${seconds.toFixed(0)} s`,
    adapters.join('; ') || 'no adapter',
  ]);
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const isNumber = /** @param {number} column */ (column) => column > 0 && column < 5;
  const table = rows.map((row) =>
    row
      .map((cell, i) => (isNumber(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  const problems = results.flatMap(({ host, problem }) => (problem ? [`${host}: ${problem}`] : []));
  const gaps = skipped.map(
    (host) => `SKIPPED: ${host}: LIMBECK_SKIP_HOSTS names it${needed(host)}, nothing was tested there`,
  );
  const total = /** @param {'passed' | 'failed'} key */ (key) =>
    results.reduce((sum, one) => sum + one[key], 0);
  const sum = `${total('passed')} passed, ${total('failed')} failed`;
  return `${['', ...table, ...problems, ...gaps, sum].join('\n')}\n`;
}
