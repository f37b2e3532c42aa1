/**
 * The parts of the set-up that decide: what apt's files mean, which steps a machine needs, what is printed
 * without root.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test, vi } from 'vitest';
import { missingOptional, unchecked } from '../../scripts/complete-lock.mjs';
import { findChromium, findDeno } from '../../scripts/setup.mjs';
import {
  backportsSource,
  isAtLeast,
  parseDeb822,
  parseOneLine,
  parseOsRelease,
  readAptSources,
} from '../../scripts/setup/apt.mjs';
import { outdatedPackages } from '../../scripts/setup/packages.mjs';
import { commands } from '../../scripts/setup/steps.mjs';
import { vulkanSteps } from '../../scripts/setup/vulkan.mjs';

const folder = mkdtempSync(join(tmpdir(), 'limbeck-setup-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const DEB822 = `Types: deb deb-src
# a comment
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm-backports

Types: deb
URIs: http://security.example/debian-security
Suites: bookworm-security
Components: main
Check-Valid-Until: no
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mQINBGPL
 -----END PGP PUBLIC KEY BLOCK-----
`;

const ONE_LINE = `# deb http://off.example/debian bookworm-backports main
deb cdrom:[Debian 12]/ bookworm main
deb [arch=amd64,arm64 signed-by=/usr/share/keyrings/k.gpg] http://mirror.example/debian/ bookworm main non-free # ours
deb-src http://mirror.example/debian/ bookworm main
deb http://mirror.example/debian bookworm-updates main
`;

const debian12 = parseOsRelease(
  'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nID=debian\n',
);
const ubuntu = { ID: 'ubuntu', ID_LIKE: 'debian', VERSION_CODENAME: 'noble' };
const oldMesa = {
  version: '22.3.6-1+deb12u2',
  from: 'http://mirror.example/debian bookworm/main amd64 Packages',
};
const newMesa = {
  version: '25.0.7-2~bpo12+1',
  from: 'http://mirror.example/debian bookworm-backports/main amd64 Packages',
};

test('deb822 sources, with comments, disabled ones and a key of several lines', () => {
  const [main, security, ...others] = parseDeb822(DEB822);
  expect(others).toEqual([]);
  expect(main).toEqual({
    types: ['deb', 'deb-src'],
    uris: ['http://mirror.example/debian'],
    suites: ['bookworm', 'bookworm-updates'],
    components: ['main', 'contrib'],
    fields: { 'signed-by': '/usr/share/keyrings/debian-archive-keyring.gpg' },
  });
  expect(security?.fields['check-valid-until']).toBe('no');
  expect(security?.fields['signed-by']).toContain('\n -----END PGP');
});

test('one-line sources, with options, comments and a CD', () => {
  const sources = parseOneLine(ONE_LINE);
  expect(sources.map(({ types, suites }) => `${types} ${suites}`)).toEqual([
    'deb bookworm',
    'deb-src bookworm',
    'deb bookworm-updates',
  ]);
  expect(sources[0]).toMatchObject({
    uris: ['http://mirror.example/debian/'],
    components: ['main', 'non-free'],
  });
  expect(sources[0]?.fields).toEqual({
    architectures: 'amd64 arm64',
    'signed-by': '/usr/share/keyrings/k.gpg',
  });
});

test('the backports source has the mirror, components and key of the release', () => {
  const text = backportsSource(parseDeb822(DEB822), 'bookworm')!;
  expect(parseDeb822(text)).toEqual([
    { ...parseDeb822(DEB822)[0], types: ['deb'], suites: ['bookworm-backports'] },
  ]);
  expect(parseDeb822(backportsSource(parseOneLine(ONE_LINE), 'bookworm')!)[0]).toMatchObject({
    uris: ['http://mirror.example/debian/'],
    fields: { architectures: 'amd64 arm64', 'signed-by': '/usr/share/keyrings/k.gpg' },
  });
  expect(backportsSource([], 'bookworm')).toBeUndefined();
});

test('sources are read from both places and in both notations', () => {
  mkdirSync(join(folder, 'apt/sources.list.d'), { recursive: true });
  writeFileSync(join(folder, 'apt/sources.list'), ONE_LINE);
  writeFileSync(join(folder, 'apt/sources.list.d/debian.sources'), DEB822);
  writeFileSync(join(folder, 'apt/sources.list.d/old.list.save'), ONE_LINE);
  expect(readAptSources(join(folder, 'apt'))).toHaveLength(5);
  expect(readAptSources(join(folder, 'nowhere'))).toEqual([]);
});

test('versions', () => {
  for (const version of ['23.1', '23.1.0-1', '25.0.7-2~bpo12+1', '1:24.0', '23.10.0']) {
    expect(isAtLeast(version, '23.1'), version).toBe(true);
  }
  for (const version of ['22.3.6-1+deb12u2', '23.0.9', '9.5', ''])
    expect(isAtLeast(version, '23.1'), version).toBe(false);
});

test('Debian 12: backports are added once, with full or empty lists', () => {
  const sources = parseDeb822(DEB822);
  for (const versions of [[oldMesa], []]) {
    const steps = vulkanSteps({ release: debian12, versions, sources });
    expect(steps.map((step) => ('run' in step ? step.run.slice(0, 2).join(' ') : step.write))).toEqual([
      '/etc/apt/sources.list.d/limbeck-backports.sources',
      'apt-get update',
      'apt-get install',
    ]);
  }
  const added = [
    ...sources,
    { types: ['deb'], uris: ['x'], suites: ['bookworm-backports'], components: ['main'], fields: {} },
  ];
  expect(vulkanSteps({ release: debian12, versions: [newMesa, oldMesa], sources: added })).toEqual([
    { run: ['apt-get', 'update'] },
    {
      run: 'apt-get install -y --no-install-recommends -t bookworm-backports mesa-vulkan-drivers libvulkan1'.split(
        ' ',
      ),
    },
  ]);
});

test('a release with a recent Mesa installs it plainly; one without any says so', () => {
  const recent = {
    version: '24.0.5-1ubuntu1',
    from: 'http://mirror.example/ubuntu noble/main amd64 Packages',
  };
  const plain = 'apt-get install -y --no-install-recommends mesa-vulkan-drivers libvulkan1'.split(' ');
  expect(vulkanSteps({ release: ubuntu, versions: [recent], sources: [] }).at(-1)).toEqual({ run: plain });
  expect(vulkanSteps({ release: ubuntu, versions: [], sources: [] }).at(-1)).toEqual({ run: plain });
  expect(() => vulkanSteps({ release: ubuntu, versions: [oldMesa], sources: [] })).toThrow(
    'needs 23.1 or newer',
  );
});

test('the commands for people without root can be pasted', () => {
  const steps = vulkanSteps({ release: debian12, versions: [oldMesa], sources: parseDeb822(DEB822) });
  const text = commands(steps, 'sudo ');
  expect(text).toMatchInlineSnapshot(`
    "sudo tee /etc/apt/sources.list.d/limbeck-backports.sources >/dev/null <<'EOF'
    # Written by the set-up of limbeck: a Mesa that WebGPU accepts.
    Types: deb
    URIs: http://mirror.example/debian
    Suites: bookworm-backports
    Components: main contrib
    Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
    EOF
    sudo apt-get update
    sudo apt-get install -y --no-install-recommends -t bookworm-backports mesa-vulkan-drivers libvulkan1"
  `);
  expect(spawnSync('sh', ['-n'], { input: text }).status).toBe(0);
  expect(commands(steps, '')).toMatch(/^# as root:\ntee /);
});

test('packages that are missing, of another version, or gone from the disk are noticed', () => {
  const root = join(folder, 'clone');
  const write = (path: string, value: object) => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), JSON.stringify(value));
  };
  write('package-lock.json', {
    packages: {
      '': { name: 'limbeck' },
      'node_modules/a': { version: '1.0.0' },
      'node_modules/b': { version: '2.0.0' },
      'node_modules/a/node_modules/@c/d': { version: '3.0.0' },
      'node_modules/for-another-system': { version: '1.0.0', optional: true },
    },
  });
  expect(outdatedPackages(root)).toEqual(['a', 'b', '@c/d']);
  write('node_modules/.package-lock.json', {
    packages: {
      'node_modules/a': { version: '1.0.0' },
      'node_modules/b': { version: '1.9.0' },
      'node_modules/a/node_modules/@c/d': { version: '3.0.0' },
    },
  });
  for (const path of ['a', 'b', 'a/node_modules/@c/d']) write(`node_modules/${path}/package.json`, {});
  expect(outdatedPackages(root)).toEqual(['b']);
  rmSync(join(root, 'node_modules/a'), { recursive: true });
  expect(outdatedPackages(root)).toEqual(['a', 'b', '@c/d']);
});

test('the lockfile has the packages of every platform, and no addresses', () => {
  const text = readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8');
  const missing = missingOptional(JSON.parse(text) as Parameters<typeof missingOptional>[0]);
  expect(missing, 'npm run lock adds them').toEqual([]);
  expect(
    unchecked(JSON.parse(text) as Parameters<typeof unchecked>[0]),
    'npm run lock asks for them',
  ).toEqual([]);
  expect(text).not.toContain('"resolved"');
});

test.each([
  ['CHROME_PATH', findChromium],
  ['DENO_PATH', findDeno],
] as const)('%s overrules, and must be a program', (variable, find) => {
  vi.stubEnv(variable, join(folder, variable));
  expect(find()).toBeUndefined();
  writeFileSync(join(folder, variable), '');
  chmodSync(join(folder, variable), 0o755);
  expect(find()).toBe(join(folder, variable));
  vi.unstubAllEnvs();
});

/** The command, as `npm run setup` starts it; installs nothing, because tests run where everything is. */
function setUp(flags: string[], variables: Record<string, string> = {}) {
  const script = fileURLToPath(new URL('../../scripts/setup.mjs', import.meta.url));
  const env = { ...process.env, ...variables };
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...flags], {
    encoding: 'utf8',
    env,
  });
  return { status, stdout, stderr };
}

test('with everything there, the set-up installs nothing, and can be quiet', () => {
  expect(setUp(['--quiet'])).toEqual({ status: 0, stdout: '', stderr: '' });
});

test('it says what was found, and how to get what is not there', () => {
  const program = join(folder, 'program');
  writeFileSync(program, '#!/bin/sh\necho Program 12.3.45 of today\n');
  chmodSync(program, 0o755);
  const { status, stdout, stderr } = setUp([], { CHROME_PATH: program, DENO_PATH: program });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/^Node {6}\d+\.\d+/);
  expect(stdout).toMatch(/\nadapter {3}\w+/);
  expect(stdout).toContain(`\nChromium  12.3.45, ${program}\n`);
  expect(stdout).toContain(`\nDeno      12.3.45, ${program}\n`);

  const without = setUp(['--packages'], { CHROME_PATH: '/nowhere', DENO_PATH: '/nowhere' });
  expect(without).toMatchObject({ status: 0, stderr: '' });
  expect(without.stdout).toMatch(/Chromium {2}none; --browser .*\nDeno {6}none; --deno installs it\n$/);
  expect(without.stdout).not.toContain('adapter');
});

test('what cannot be installed is one line and code 1; a wrong option code 2; --help lists them', () => {
  expect(setUp(['--browser'], { CHROME_PATH: '/nowhere' })).toEqual({
    status: 1,
    stdout: '',
    stderr: "setup: CHROME_PATH is '/nowhere', which is no program; correct or unset it\n",
  });
  expect(setUp(['--all'], { DENO_PATH: '/nowhere' })).toMatchObject({ status: 1, stdout: '' });
  expect(setUp(['--chromium'])).toEqual({
    status: 2,
    stdout: '',
    stderr: "setup: Unknown option '--chromium'; --help lists the options\n",
  });
  expect(setUp(['--packages', '--deno'])).toMatchObject({ status: 2 });
  expect(setUp(['--help'])).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('--browser') as string,
  });
});

test('where no driver can be found, it says what names none', () => {
  expect(setUp([], { VK_DRIVER_FILES: '/nowhere/icd.json' })).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(
      /^setup: no WebGPU adapter: VK_DRIVER_FILES is '\/nowhere\/icd.json'/,
    ) as string,
  });
});
