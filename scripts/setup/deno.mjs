/** Deno for the tests: the program in the npm packages, without their install script; DENO_PATH overrules. */
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { packageRoot, reinstall } from './packages.mjs';
import { say, SetupError } from './steps.mjs';

/** The path of the program; undefined if there is none. @returns {string | undefined} */
export function findDeno() {
  const path = process.env.DENO_PATH || packagedDeno();
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch {
    return undefined;
  }
}

/** `deno` has a package beside it for each platform, of which npm installs the one that fits. */
function packagedDeno() {
  const { platform, arch } = process;
  const name = platform === 'linux' ? `linux-${arch}-glibc` : `${platform}-${arch}`;
  return join(packageRoot, 'node_modules/@deno', name, platform === 'win32' ? 'deno.exe' : 'deno');
}

/** Installs the packages again if the program is missing, which npm takes for optional. */
export function ensureDeno() {
  if (findDeno()) return;
  const { DENO_PATH } = process.env;
  if (DENO_PATH)
    throw new SetupError(`DENO_PATH is '${DENO_PATH}', which is no program; correct or unset it`);
  say('Deno is missing: npm ci …');
  reinstall();
  if (findDeno()) return;
  throw new SetupError(
    `npm has no Deno for ${process.platform} ${process.arch}; DENO_PATH can name one, LIMBECK_SKIP_HOSTS=deno does without`,
  );
}
