/** Which hosts a test run has, and what it says at its end: words in, words out. */
import { SetupError } from './setup/steps.mjs';

/** @typedef {'node' | 'chromium' | 'deno'} Host */

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
const HOSTS = ['node', 'chromium', 'deno'];

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
  const skipped = [...new Set(names)].map((name) => hostOf(name, 'LIMBECK_SKIP_HOSTS'));
  const wanted = HOSTS.filter((host) => chosen.length === 0 || chosen.includes(host));
  const hosts = wanted.filter((host) => !skipped.includes(host));
  if (hosts.length === 0) throw new SetupError(`LIMBECK_SKIP_HOSTS=${skip} leaves no host to test`);
  return { hosts, skipped: wanted.filter((host) => skipped.includes(host)), words };
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
    (host) => `SKIPPED: ${host}: LIMBECK_SKIP_HOSTS names it, nothing was tested there`,
  );
  const total = /** @param {'passed' | 'failed'} key */ (key) =>
    results.reduce((sum, one) => sum + one[key], 0);
  const sum = `${total('passed')} passed, ${total('failed')} failed`;
  return `${['', ...table, ...problems, ...gaps, sum].join('\n')}\n`;
}
