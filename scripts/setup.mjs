/**
 * Installs what is missing and says what it installs: npm packages; on Linux without any adapter Mesa's software driver; a
 * Chromium and a Deno if asked to. Plain Node without dependencies, because it runs before there are any.
 */
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findAdapter, probeAdapter } from './setup/adapter.mjs';
import { chromiumPlan, findChromium } from './setup/chromium.mjs';
import { ensureDeno } from './setup/deno.mjs';
import { installPackages, isClone, packageRoot, projectRoot } from './setup/packages.mjs';
import { carryOut, commands, isRoot, say, SetupError } from './setup/steps.mjs';
import { vulkanPlan } from './setup/vulkan.mjs';

export { chromiumArguments, findChromium } from './setup/chromium.mjs';
export { findDeno } from './setup/deno.mjs';
export { installPackages } from './setup/packages.mjs';
export { SetupError } from './setup/steps.mjs';

const cacheFile = join(projectRoot || packageRoot, 'node_modules/.cache/limbeck/adapter.json');

/**
 * Returns the adapter's name, if one was asked for, when all is there; throws a SetupError that says what to do.
 * @param {{ adapter?: boolean, browser?: boolean, deno?: boolean }} [options] `adapter: false` for work on the CPU alone
 * @returns {{ adapter?: string }}
 */
export function setup({ adapter = true, browser = false, deno = false } = {}) {
  installPackages();
  if (deno) ensureDeno();
  const found = adapter ? findAdapter(cacheFile) : undefined;
  const needsDriver = found?.problem === 'adapter' || found?.problem === 'crash';
  if (found?.problem && !needsDriver) throw new SetupError(whyNoPackage(found));
  const cure = needsDriver ? noPackageHelps() : undefined;
  if (cure) throw new SetupError(`no WebGPU adapter: ${cure}`);

  const driver = needsDriver ? vulkanPlan() : undefined;
  const chromium = browser ? chromiumPlan() : undefined;
  carryOut([driver, chromium].filter((plan) => plan !== undefined));

  if (chromium && !findChromium()) {
    throw new SetupError('still no Chromium after the installation; CHROME_PATH can name one');
  }
  return { adapter: driver ? checkAdapter(findAdapter(cacheFile)) : found?.adapter };
}

/** @param {import('./setup/adapter.mjs').Probe} probe */
function checkAdapter({ adapter, message = 'Dawn finds none' }) {
  if (!adapter) {
    throw new SetupError(`still no WebGPU adapter after the installation (${message}); please report it`);
  }
  say(`WebGPU adapter: ${adapter}`);
  return adapter;
}

/**
 * What would give this machine an adapter, for people; undefined if it has one.
 * @returns {string | undefined}
 */
export function adapterCure() {
  const { problem, ...probe } = probeAdapter();
  if (!problem) return undefined;
  if (problem === 'missing' || problem === 'load') return whyNoPackage({ problem, ...probe });
  const cure = noPackageHelps();
  if (cure) return cure;
  if (isRoot) return `${isClone ? '`npm run setup`' : '`npx limbeck distill`'} installs a software driver`;
  try {
    return `run\n${commands(vulkanPlan().steps)}`;
  } catch (error) {
    return error instanceof SetupError ? error.message : String(error);
  }
}

/** Where no system package would bring an adapter: what to do instead. */
function noPackageHelps() {
  if (process.platform !== 'linux') return 'update the graphics driver';
  const variable = ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES'].find((name) => process.env[name]);
  return (
    variable && `${variable} is '${process.env[variable]}', which names no usable driver; correct or unset it`
  );
}

/** @param {import('./setup/adapter.mjs').Probe} probe */
function whyNoPackage({ problem, message = '' }) {
  if (problem === 'missing') return 'the package webgpu is missing: npm install webgpu';
  const cure = message.includes('GLIBC')
    ? 'its binary needs Debian 12, Ubuntu 22.04 or newer'
    : 'is this platform supported by it?';
  return `the package webgpu does not load: ${message}; ${cure}`;
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { main } = await import('./setup/command.mjs');
  process.exitCode = main(process.argv.slice(2), setup);
}
