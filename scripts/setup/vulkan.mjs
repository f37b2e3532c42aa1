/** The Vulkan loader and Mesa's software driver, lavapipe, for Linux where WebGPU finds no adapter. */
import { readFileSync } from 'node:fs';
import {
  aptVersions,
  BACKPORTS_FILE,
  backportsSource,
  isAtLeast,
  parseOsRelease,
  readAptSources,
} from './apt.mjs';
import { carryOutStep, isRoot, SetupError } from './steps.mjs';

/** Dawn refuses older ones: they lack dynamic indexing of uniform buffers. */
const OLDEST_MESA = '23.1';

const PACKAGES = ['mesa-vulkan-drivers', 'libvulkan1'];

/** Elsewhere we do not know the package tool well enough to run it. @type {Record<string, string>} */
const OTHER_COMMANDS = {
  fedora: 'dnf install vulkan-loader mesa-vulkan-drivers',
  rhel: 'dnf install vulkan-loader mesa-vulkan-drivers',
  arch: 'pacman -S vulkan-icd-loader vulkan-swrast',
  suse: 'zypper install libvulkan1 libvulkan_lvp',
};

/** @typedef {import('./steps.mjs').Step} Step */

/**
 * What makes apt install a recent enough lavapipe.
 * @param {object} machine
 * @param {Record<string, string>} machine.release
 * @param {{ version: string, from: string }[]} machine.versions those of mesa-vulkan-drivers in apt's lists
 * @param {import('./apt.mjs').AptSource[]} machine.sources
 * @returns {Step[]}
 */
export function vulkanSteps({ release, versions, sources }) {
  const codename = release.VERSION_CODENAME ?? '';
  const backports = `${codename}-backports`;
  const plain = versions.filter(({ from }) => !from.includes(backports));
  const update = { run: ['apt-get', 'update'] };
  /** @param {string[]} options */
  const install = (...options) => ({
    run: ['apt-get', 'install', '-y', '--no-install-recommends', ...options, ...PACKAGES],
  });

  // With empty lists only the release can tell: Debian 12 has Mesa 22.3.
  const isRecent =
    plain.length > 0 ? plain.some(({ version }) => isAtLeast(version, OLDEST_MESA)) : codename !== 'bookworm';
  if (isRecent) return [update, install()];
  if (sources.some(({ suites }) => suites.includes(backports))) return [update, install('-t', backports)];

  const text = release.ID === 'debian' ? backportsSource(sources, codename) : undefined;
  if (!text) {
    const system = release.PRETTY_NAME ?? 'this system';
    throw new SetupError(
      `${system} has Mesa ${plain[0]?.version ?? 'of unknown version'}, and WebGPU needs ${OLDEST_MESA} or newer;\n` +
        `install ${PACKAGES.join(' and ')} from its backports or a newer release`,
    );
  }
  return [{ write: BACKPORTS_FILE, text }, update, install('-t', backports)];
}

/** How to get lavapipe here. @returns {import('./steps.mjs').Plan} */
export function vulkanPlan() {
  const release = readOsRelease();
  const family = [release.ID, ...(release.ID_LIKE ?? '').split(' ')];
  if (!family.includes('debian') && !family.includes('ubuntu')) {
    const known = family.find((name) => name && name in OTHER_COMMANDS);
    const command = known
      ? `  sudo ${OTHER_COMMANDS[known]}`
      : '  the Vulkan loader and Mesa lavapipe (23.1 or newer)';
    throw new SetupError(
      `no WebGPU adapter: install a GPU driver with Vulkan, or a software one:\n\n${command}\n`,
    );
  }
  if (isRoot) carryOutStep({ run: ['apt-get', 'update'] });
  const steps = vulkanSteps({
    release,
    versions: aptVersions('mesa-vulkan-drivers'),
    sources: readAptSources(),
  });
  return { purpose: `no WebGPU adapter: installing ${PACKAGES.join(' and ')}${origin(steps)}`, steps };
}

/** @param {Step[]} steps */
function origin(steps) {
  const written = steps.flatMap((step) => ('write' in step ? [` (new source ${step.write})`] : []));
  const suites = steps.flatMap((step) => {
    const at = 'run' in step ? step.run.indexOf('-t') : -1;
    return 'run' in step && at >= 0 ? [` from ${step.run[at + 1]}`] : [];
  });
  return [...suites, ...written].join('');
}

export function readOsRelease() {
  try {
    return parseOsRelease(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return {};
  }
}
