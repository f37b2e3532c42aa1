/** The command line of the set-up: what to install, and what was found, a line a thing. */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { findChromium } from './chromium.mjs';
import { findDeno } from './deno.mjs';
import { say, SetupError } from './steps.mjs';

const HELP = `setup: installs what is missing, and says what is there

  npm run setup -- [options]

Without options: the npm packages and, on Linux without any WebGPU adapter, Mesa's software driver (lavapipe).

Options
  --packages   the npm packages and nothing else
  --browser    also a Chromium, which the tests in a browser need; on Debian from its packages, elsewhere it says how
  --deno       also Deno, from the npm packages
  --all        everything that \`npm test\` needs
  --quiet      no word where nothing is missing
  --help       this

System packages are installed by root alone; for everybody else the commands are printed. CHROME_PATH and DENO_PATH name
programs of your own; VK_DRIVER_FILES names a Vulkan driver.
`;

const flag = /** @type {const} */ ({ type: 'boolean', default: false });
const flags = { packages: flag, browser: flag, deno: flag, all: flag, quiet: flag, help: flag };

/** @typedef {{ adapter?: boolean, browser?: boolean, deno?: boolean }} Wanted */

/**
 * Resolves to the exit code: 1 if something cannot be installed, 2 for a wrong command line.
 * @param {string[]} argv
 * @param {(wanted: Wanted) => { adapter?: string }} setup
 */
export function main(argv, setup) {
  try {
    const given = parse(argv);
    if (given.help) return print(HELP);
    const browser = given.browser || given.all;
    const deno = given.deno || given.all;
    const { adapter } = setup({ adapter: !given.packages, browser, deno });
    if (!given.quiet) print(found(adapter, given.packages));
    return 0;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(error.message);
    return error.exitCode;
  }
}

/** @param {string[]} argv */
function parse(argv) {
  /** @type {ReturnType<typeof parseArgs<{ options: typeof flags }>>['values']} */
  let values;
  try {
    ({ values } = parseArgs({ args: argv, options: flags }));
  } catch (error) {
    const [message] = (error instanceof Error ? error.message : String(error)).split('. ');
    throw wrong(`${message}; --help lists the options`);
  }
  const more = /** @type {const} */ (['browser', 'deno', 'all']).find((name) => values[name]);
  if (values.packages && more)
    throw wrong(`--packages is the packages and nothing else, but got --${more}, too`);
  return values;
}

/** @param {string} message */
function wrong(message) {
  const error = new SetupError(message);
  error.exitCode = 2;
  return error;
}

/** @param {string | undefined} adapter @param {boolean} isUnasked whether nobody has looked for an adapter */
function found(adapter, isUnasked) {
  const [chromium, deno] = [findChromium(), findDeno()];
  const rows = [
    ['Node', process.versions.node],
    ['packages', 'as package-lock.json lists them'],
    ...(isUnasked ? [] : [['adapter', adapter ?? 'none']]),
    [
      'Chromium',
      chromium ? `${versionOf(chromium)}, ${chromium}` : 'none; --browser installs it or says how',
    ],
    ['Deno', deno ? `${versionOf(deno)}, ${deno}` : 'none; --deno installs it'],
  ];
  return rows.map(([name = '', what = '']) => `${name.padEnd(10)}${what}\n`).join('');
}

/** The first number with dots that a program says of itself. @param {string} program */
function versionOf(program) {
  // A Chrome on Windows would open a window.
  if (process.platform === 'win32' && !/deno/i.test(program)) return 'there';
  const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8', timeout: 60_000 });
  return /\d+(\.\d+)+/.exec(stdout ?? '')?.[0] ?? 'of unknown version';
}

/** @param {string} text */
function print(text) {
  process.stdout.write(text);
  return 0;
}
