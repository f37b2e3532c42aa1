/** A Chromium for the browser tests: found where the systems put it, installed only by Debian's apt. */
import { accessSync, constants, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { SetupError } from './steps.mjs';
import { readOsRelease } from './vulkan.mjs';

// Not chromium-browser: on Ubuntu that is a script which only points to a snap.
const NAMES = ['chromium', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];

/** Headless, with WebGPU on SwiftShader, the software GPU that Chromium brings along; and quiet on the network. */
export const chromiumArguments = [
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
];

/** The path of a browser that can run the tests; CHROME_PATH overrules. @returns {string | undefined} */
export function findChromium() {
  const { CHROME_PATH } = process.env;
  if (CHROME_PATH) return isExecutable(CHROME_PATH) ? CHROME_PATH : undefined;
  return candidates().find(isExecutable);
}

/** @returns {string[]} */
function candidates() {
  const home = homedir();
  if (process.platform === 'darwin') {
    const apps = ['Google Chrome', 'Chromium', 'Microsoft Edge'].map(
      (name) => `Applications/${name}.app/Contents/MacOS/${name}`,
    );
    return [...apps.map((app) => `/${app}`), ...apps.map((app) => join(home, app))];
  }
  if (process.platform === 'win32') {
    const { ProgramFiles, LOCALAPPDATA } = process.env;
    const roots = [ProgramFiles, process.env['ProgramFiles(x86)'], LOCALAPPDATA].filter(
      (root) => root !== undefined,
    );
    const apps = ['Google/Chrome', 'Chromium', 'Microsoft/Edge'].map((name) => `${name}/Application`);
    return roots.flatMap((root) =>
      apps.map((app) => join(root, app, app.includes('Edge') ? 'msedge.exe' : 'chrome.exe')),
    );
  }
  // The snap of Chromium cannot read files that a test runner puts under /tmp, so it does not count.
  const folders = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '' && !folder.startsWith('/snap'));
  return [
    ...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))),
    ...playwrightBrowsers(home),
  ];
}

/** What `npx playwright install chromium` has put aside. @param {string} home */
function playwrightBrowsers(home) {
  const cache = join(home, '.cache/ms-playwright');
  try {
    const builds = readdirSync(cache).filter((name) => /^chromium-\d+$/.test(name));
    return builds
      .sort()
      .reverse()
      .flatMap((name) => ['chrome-linux', 'chrome-linux64'].map((part) => join(cache, name, part, 'chrome')));
  } catch {
    return [];
  }
}

/** How to get a browser here; undefined if there is one. @returns {import('./steps.mjs').Plan | undefined} */
export function chromiumPlan() {
  if (findChromium()) return undefined;
  if (process.env.CHROME_PATH) {
    throw new SetupError(
      `CHROME_PATH is '${process.env.CHROME_PATH}', which is no program; correct or unset it`,
    );
  }
  if (process.platform === 'linux' && readOsRelease().ID === 'debian') {
    const install = ['apt-get', 'install', '-y', '--no-install-recommends', 'chromium'];
    return {
      purpose: 'no Chromium for the browser tests: installing chromium',
      steps: [{ run: ['apt-get', 'update'] }, { run: install }],
    };
  }
  const cures = new Map([
    ['darwin', 'install Google Chrome'],
    ['win32', 'install Google Chrome or Microsoft Edge'],
    ['linux', 'run `npx playwright install --with-deps chromium`, or install Google Chrome'],
  ]);
  const cure = cures.get(process.platform) ?? 'install one';
  throw new SetupError(`no Chrome or Chromium for the browser tests: ${cure}, or set CHROME_PATH`);
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
