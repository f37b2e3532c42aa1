/**
 * The tests of each host, one after the other, and their sum. Words on the command line go to vitest: files, `-t NAME`;
 * `--project HOST` chooses hosts. A host that cannot start fails, unless LIMBECK_SKIP_HOSTS names it.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findDeno, setup, SetupError } from './setup.mjs';
import { chooseHosts, isLeftOut, needs, summaryOf } from './test-hosts.mjs';

/** @typedef {import('./test-hosts.mjs').Host} Host */
/** @typedef {import('./test-hosts.mjs').Result} Result */

const root = fileURLToPath(new URL('..', import.meta.url));

/** The locked vitest runs inside Deno: neither the network nor a lockfile of Deno's own has a say. */
const insideDeno = ['run', '-A', '--no-remote', '--cached-only', '--no-lock', '--node-modules-dir=manual'];

/** How long a host may take to stop. */
const STOP_MS = 30_000;

/** Ends the host that runs now; of no use between two. @type {(signal: NodeJS.Signals) => void} */
let stopHost = () => {};
/** @type {NodeJS.Signals | undefined} */
let stoppedBy;

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => {
    stopHost(stoppedBy ? 'SIGKILL' : signal);
    stoppedBy = signal;
  });
}

try {
  const { hosts, skipped, words } = chooseHosts(process.argv.slice(2), process.env.LIMBECK_SKIP_HOSTS);
  /** @type {Result[]} */
  const results = [];
  for (const host of hosts) {
    if (!stoppedBy && !isLeftOut(host, words)) results.push(await test(host, words, skipped));
  }
  if (stoppedBy) throw new SetupError(`stopped by ${stoppedBy}`);
  if (results.every(({ passed, failed }) => passed + failed === 0)) {
    throw new SetupError(`no test is called so: ${words.join(' ')}`);
  }
  process.stdout.write(summaryOf(results, skipped));
  if (results.some(({ failed }) => failed > 0)) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`test: ${error.message}\n`);
  process.exitCode = stoppedBy ? 130 : 1;
}

/** @param {Host} host @param {readonly string[]} words @param {readonly Host[]} skipped @returns {Promise<Result>} */
async function test(host, words, skipped) {
  const startedAt = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'limbeck-test-'));
  const path = join(folder, 'result.json');
  /** @type {Omit<Result, 'seconds'>} */
  let result = { host, passed: 0, failed: 0, dispatches: 0, adapters: [] };
  try {
    // All that its tests need is there before the first of them begins.
    setup({ ...needs[host], deno: needs[host].deno && !skipped.includes('deno') });
    const ended = await runVitest(host, words, path);
    const report = readJson(path);
    result = { ...result, ...report };
    // Words may well name no test of this host.
    const isFine = ended === undefined && (report || words.length > 0);
    if (!isFine && result.failed === 0)
      result = { ...result, failed: 1, problem: ended ?? 'vitest ran nothing' };
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    result = { ...result, failed: 1, problem: `cannot start: ${error.message}` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { ...result, seconds: (performance.now() - startedAt) / 1000 };
}

/**
 * Undefined if vitest ends with code 0, or else how it ended.
 * @param {Host} host @param {readonly string[]} words @param {string} path
 * @returns {Promise<string | undefined>}
 */
function runVitest(host, words, path) {
  const program = host === 'deno' ? (findDeno() ?? 'deno') : process.execPath;
  const vitest = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--project', host];
  const args = [...(host === 'deno' ? insideDeno : []), ...vitest, ...words];
  if (words.length > 0) args.push('--passWithNoTests');
  const env = { ...process.env, LIMBECK_TEST_RESULT: path, DENO_NO_UPDATE_CHECK: '1' };
  process.stdout.write(`\n== ${host} ==\n`);
  // In a group of its own, so that nothing which vitest has started outlives it.
  const isGroup = process.platform !== 'win32';
  const child = spawn(program, args, {
    cwd: root,
    env,
    detached: isGroup,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  /** @param {NodeJS.Signals} signal */
  const kill = (signal) => {
    try {
      if (isGroup && child.pid) process.kill(-child.pid, signal);
      else child.kill(signal);
    } catch {
      // It has ended already.
    }
  };
  stopHost = (signal) => {
    kill(signal);
    setTimeout(() => kill('SIGKILL'), STOP_MS).unref();
  };
  return new Promise((resolve) => {
    child.on('error', (error) => resolve(`cannot start: ${error.message}`));
    child.on('close', (code, signal) => {
      stopHost = () => {};
      resolve(code === 0 ? undefined : `vitest ended with ${signal ?? `code ${code}`}`);
    });
  });
}

/** @param {string} path @returns {Pick<Result, 'passed' | 'failed' | 'dispatches' | 'adapters'> | undefined} */
function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
