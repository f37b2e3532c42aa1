/** Where the same work is done: a host and a software driver. */
import { findDeno, findChromium } from '../scripts/setup.mjs';
import { findLavapipe, findSwiftShader } from '../scripts/setup/software-drivers.mjs';
import { RunError } from '../base/errors.ts';

export type Host = 'node' | 'deno' | 'chromium';
export type Driver = 'swiftshader' | 'lavapipe';

export interface Setting {
  readonly name: string;
  readonly host: Host;
  readonly driver: Driver;
}

export const settings: readonly Setting[] = [
  { name: 'node-swiftshader', host: 'node', driver: 'swiftshader' },
  { name: 'chromium-swiftshader', host: 'chromium', driver: 'swiftshader' },
  { name: 'deno-swiftshader', host: 'deno', driver: 'swiftshader' },
  { name: 'node-lavapipe', host: 'node', driver: 'lavapipe' },
  { name: 'deno-lavapipe', host: 'deno', driver: 'lavapipe' },
];

/** How the adapter of a driver calls itself. */
export const adapterNames: Readonly<Record<Driver, RegExp>> = {
  swiftshader: /swiftshader/i,
  lavapipe: /llvmpipe|lavapipe/i,
};

/** The file that makes the Vulkan loader take this driver. @throws RunError with the cure */
export function driverFileOf({ name, driver }: Setting): string {
  const path = driver === 'lavapipe' ? findLavapipe() : findSwiftShader();
  if (path) return path;
  const cure =
    driver === 'lavapipe'
      ? 'install mesa-vulkan-drivers (`npm run setup` does on Debian and Ubuntu)'
      : "install a Chromium that comes with vk_swiftshader_icd.json, as Debian's does; CHROME_PATH can name one";
  throw missing(name, `no ${driver === 'lavapipe' ? 'lavapipe' : 'SwiftShader'}`, cure);
}

/** @throws RunError with the cure */
export function denoOf({ name }: Setting): string {
  const path = findDeno();
  if (!path) throw missing(name, 'no Deno', '`npm ci` installs it; DENO_PATH can name one');
  return path;
}

/** @throws RunError with the cure */
export function checkChromium({ name }: Setting): void {
  if (!findChromium()) throw missing(name, 'no Chromium', 'install one; CHROME_PATH can name it');
}

function missing(name: string, what: string, cure: string): RunError {
  return new RunError(`${name}: ${what}; ${cure}, or leave the setting out with --settings`);
}
