/** The npm packages: all of them in a clone, the optional `webgpu` beside an installed limbeck. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { indent, say, SetupError } from './steps.mjs';

/** The folder of limbeck's package.json, from the sources and from dist/ alike. */
export const packageRoot = findPackageRoot(dirname(fileURLToPath(import.meta.url)));

/** A clone has the lockfile, which npm never packs. */
export const isClone = existsSync(join(packageRoot, 'package-lock.json'));

/** The folder whose node_modules holds our dependencies. */
export const projectRoot = isClone
  ? packageRoot
  : packageRoot.slice(0, Math.max(packageRoot.lastIndexOf(`${sep}node_modules${sep}`), 0));

/** Installs the npm packages that are missing. */
export function installPackages() {
  if (isClone) installLocked(packageRoot);
  else installWebgpu();
}

/**
 * Installs what the package-lock.json of a folder lists and its node_modules lacks.
 * @param {string} root
 */
export function installLocked(root) {
  const missing = outdatedPackages(root);
  if (missing.length === 0) return;
  const reason =
    missing.length > 3
      ? `${missing.length} npm packages are`
      : `${missing.join(', ')} ${missing.length > 1 ? 'are' : 'is'}`;
  const where = root === packageRoot ? '' : ` in ${relative(packageRoot, root)}`;
  say(`${reason} missing or out of date${where}: npm ci …`);
  reinstall(root);
}

/** Installs what a lockfile lists, from the start; also what npm's settings would leave out. */
export function reinstall(root = packageRoot) {
  // NODE_ENV may say production; but the sources run by tsx.
  npm(['ci', '--include=dev', '--include=optional'], root);
}

function installWebgpu() {
  if (isInstalled('webgpu', packageRoot)) return;
  const range = readJson(join(packageRoot, 'package.json')).peerDependencies.webgpu;
  const others = ['pnpm', 'yarn', 'bun'].filter((tool) =>
    lockfiles(tool).some((name) => existsSync(join(projectRoot, name))),
  );
  if (projectRoot === '' || packageRoot.includes(`${sep}.pnpm${sep}`) || others.length > 0) {
    throw new SetupError(
      `the optional package webgpu is missing: ${others[0] ?? 'pnpm'} add webgpu@${range}`,
    );
  }
  say(`the optional package webgpu is missing: npm install --no-save webgpu@${range} …`);
  npm(['install', '--no-save', `webgpu@${range}`], projectRoot);
}

/**
 * The packages of package-lock.json that node_modules lacks or has in another version; what only another
 * platform needs does not count.
 * @param {string} root
 * @returns {string[]}
 */
export function outdatedPackages(root) {
  const wanted = readJson(join(root, 'package-lock.json')).packages ?? {};
  const present = readJson(join(root, 'node_modules/.package-lock.json')).packages ?? {};
  return Object.keys(wanted)
    .filter((path) => path !== '' && !wanted[path].optional)
    .filter(
      (path) =>
        present[path]?.version !== wanted[path].version || !existsSync(join(root, path, 'package.json')),
    )
    .map((path) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));
}

/** None of the packages needs its install script. @param {string[]} args @param {string} cwd */
function npm(args, cwd) {
  // Under `npm run` this is npm's own file; a name alone would need a shell on Windows.
  const cli = process.env.npm_execpath;
  const isNpm = cli !== undefined && /npm-cli\.[cm]?js$/.test(cli);
  // Said again here, because `npm run` hands its own folder and its --silent on to us.
  const said = [...args, '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error', '--prefix', cwd];
  const [program, all] = isNpm ? [process.execPath, [cli, ...said]] : ['npm', said];
  const { status, stdout, stderr, error } = spawnSync(program, all, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    shell: !isNpm && process.platform === 'win32',
  });
  if (status === 0) return;
  // npm begins with what went wrong and ends with its manual.
  const output = `${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}`.split('\n').slice(0, 20);
  const cure = 'see what npm says above; with the network in order, run the same command again';
  throw new SetupError(`npm ${args.join(' ')} failed:\n${indent(output)}\n${cure}`);
}

/** @param {string} name @param {string} from */
function isInstalled(name, from) {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'node_modules', name, 'package.json'))) return true;
    if (folder === dirname(folder)) return false;
  }
}

/** @param {string} tool @returns {string[]} */
function lockfiles(tool) {
  if (tool === 'pnpm') return ['pnpm-lock.yaml'];
  return tool === 'yarn' ? ['yarn.lock'] : ['bun.lock', 'bun.lockb'];
}

/** @param {string} folder @returns {string} */
function findPackageRoot(folder) {
  if (readJson(join(folder, 'package.json')).name === 'limbeck') return folder;
  if (folder === dirname(folder)) throw new SetupError('limbeck is not in a folder with its package.json');
  return findPackageRoot(dirname(folder));
}

/** Fields are ours or npm's, so their types are known. @param {string} path @returns {any} */
function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return {};
  }
}
