/** Steps that change the system, as data: carried out by root, printed for everyone else. */
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** @typedef {{ run: string[] } | { write: string, text: string }} Step */

/** What stops the set-up; its message says what to do. */
export class SetupError extends Error {
  /** @override */
  name = 'SetupError';
  exitCode = 1;
}

/** Set-up talks on stderr: stdout belongs to the command that follows. @param {string} line */
export function say(line) {
  process.stderr.write(`setup: ${line}\n`);
}

/** @typedef {{ purpose: string, steps: Step[] }} Plan what is missing, and how to get it */

export const isRoot = process.getuid?.() === 0;

/**
 * Carries the plans out if we are root; otherwise stops with the commands to copy. Never calls sudo itself.
 * @param {Plan[]} plans
 */
export function carryOut(plans) {
  if (plans.length === 0) return;
  if (!isRoot) {
    const purposes = plans.map(({ purpose }) => purpose).join('; ');
    const steps = plans.flatMap((plan) => plan.steps);
    throw new SetupError(
      `${purposes}: that needs root. Run these, then the same command again:\n\n${commands(steps)}\n`,
    );
  }
  for (const { purpose, steps } of plans) {
    say(`${purpose} …`);
    for (const step of steps) carryOutStep(step);
  }
}

/** A second `apt-get update` is only worth its seconds after a new source. */
let isUpdated = false;

/** @param {Step} step */
export function carryOutStep(step) {
  if ('write' in step) {
    writeFileSync(step.write, step.text);
    isUpdated = false;
    return;
  }
  const isUpdate = step.run[1] === 'update';
  if (!isUpdate || !isUpdated) runStep(step.run);
  isUpdated ||= isUpdate;
}

/**
 * The steps as commands for a shell, with sudo where the machine has it.
 * @param {Step[]} steps
 */
export function commands(steps, prefix = isInPath('sudo') ? 'sudo ' : '') {
  const all = steps.map((step) => {
    if ('run' in step) return `${prefix}${step.run.map(quote).join(' ')}`;
    return `${prefix}tee ${step.write} >/dev/null <<'EOF'\n${step.text.trimEnd()}\nEOF`;
  });
  const lines = all.filter((line, i) => !line.endsWith('apt-get update') || all.indexOf(line) === i);
  return (prefix ? lines : ['# as root:', ...lines]).join('\n');
}

/** How long we wait for another apt to finish. */
const LOCK_TIMEOUT_S = 180;

/** @param {string[]} command */
function runStep(command) {
  const [program = '', ...args] = command;
  const options = program === 'apt-get' ? ['-o', `DPkg::Lock::Timeout=${LOCK_TIMEOUT_S}`] : [];
  const env = { ...process.env, LC_ALL: 'C.UTF-8', DEBIAN_FRONTEND: 'noninteractive' };
  const giveUpAt = Date.now() + LOCK_TIMEOUT_S * 1000;
  for (;;) {
    const { status, stdout, stderr, error } = spawnSync(program, [...options, ...args], {
      env,
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    });
    if (status === 0) return;
    const output = `${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}`;
    // `apt-get update` does not know the option above.
    if (/could not get lock|unable to lock/i.test(output) && Date.now() < giveUpAt) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2000);
      continue;
    }
    // A source that has nothing to do with us may be broken; whether it matters, the install shows.
    if (args[0] === 'update') {
      say(`apt-get update complains; going on\n${lastLines(output, 5)}`);
      return;
    }
    const cure =
      'see what apt says above; with the network and the disk in order, run the same command again';
    throw new SetupError(`${command.join(' ')} failed:\n${lastLines(output, 20)}\n${cure}`);
  }
}

/** @param {string} text @param {number} count */
function lastLines(text, count) {
  return indent(text.trimEnd().split('\n').slice(-count));
}

/** @param {string[]} lines */
export function indent(lines) {
  return lines.map((line) => `  ${line}`).join('\n');
}

/** @param {string} program */
export function isInPath(program) {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .some((folder) => folder !== '' && existsSync(join(folder, program)));
}

/** @param {string} word */
function quote(word) {
  return /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
