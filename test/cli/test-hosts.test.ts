/** `npm test` itself: which hosts it runs, with which files, that none is left out in silence, and its last line. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { chooseHosts, filesOf, type Host, isLeftOut, needs, summaryOf } from '../../scripts/test-hosts.mjs';

const all: Host[] = ['node', 'page', 'chromium', 'deno'];

test('all hosts, unless the command line chooses or the variable skips', () => {
  expect(chooseHosts([])).toEqual({ hosts: all, skipped: [], words: [] });
  expect(chooseHosts(['ops', '--project', 'deno', '-t', 'sum', '--project=node'])).toEqual({
    hosts: ['node', 'deno'],
    skipped: [],
    words: ['ops', '-t', 'sum'],
  });
  expect(chooseHosts([], ' deno, chromium,')).toMatchObject({
    hosts: ['node'],
    // Which needs Chromium.
    skipped: ['page', 'chromium', 'deno'],
  });
  expect(chooseHosts([], 'page')).toMatchObject({ hosts: ['node', 'chromium', 'deno'], skipped: ['page'] });
});

test('an unknown host is an error, and so is none at all', () => {
  expect(() => chooseHosts([], 'deno,chrome')).toThrow(
    "LIMBECK_SKIP_HOSTS: no host is called 'chrome'; there are node, page, chromium, deno",
  );
  expect(() => chooseHosts(['--project'])).toThrow("--project: no host is called ''");
  expect(() => chooseHosts([], 'deno,node,chromium,page')).toThrow('leaves no host to test');
  expect(() => chooseHosts(['--project', 'deno'], 'deno')).toThrow('leaves no host to test');
});

test('the end of a run: a row a host, what went wrong, what was skipped, and the sum last', () => {
  const node = {
    host: 'node',
    passed: 12,
    failed: 1,
    dispatches: 3456,
    adapters: ['llvmpipe'],
    seconds: 61.7,
  };
  const deno = { host: 'deno', passed: 0, failed: 1, dispatches: 0, adapters: [], seconds: 0 };
  const problem = 'cannot start: no Deno';
  const results = [node, { ...deno, problem }] as Parameters<typeof summaryOf>[0];
  expect(summaryOf(results, ['chromium'])).toBe(`
node  12 passed  1 failed  3,456 dispatches  62 s  llvmpipe
deno   0 passed  1 failed      0 dispatches   0 s  no adapter
deno: cannot start: no Deno
SKIPPED: chromium: LIMBECK_SKIP_HOSTS names it, nothing was tested there
12 passed, 2 failed
`);
});

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A file with everything that it imports, also later, of this project; and the packages. */
function importsOf(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const statements = /(?:^|\n)(?:import|export)\b(?:[^;']*?\bfrom)?\s*'([^']*)'|\bimport\(\s*'([^']*)'/g;
  for (const [, first, later] of readFileSync(join(root, file), 'utf8').matchAll(statements)) {
    const name = (first ?? later)!;
    const path = normalize(join(dirname(file), name));
    if (!name.startsWith('.')) seen.add(name);
    else if (existsSync(join(root, path))) importsOf(path, seen);
  }
  return seen;
}

/** Whether a test may start a browser, or take the SwiftShader that comes with one. */
function usesBrowser(file: string): boolean {
  const imports = importsOf(file);
  return imports.has('playwright') || imports.has('scripts/setup/software-drivers.mjs');
}

test('whatever starts a browser is a test of a host that asks for one first, and of no other', () => {
  expect(usesBrowser('test/page/page-train.test.ts')).toBe(true);
  expect(usesBrowser('test/study/ramp.test.ts')).toBe(false);
  const wanting = filesOf('node').filter(usesBrowser);
  expect(wanting, 'they belong in test/page/').toEqual([]);
  expect(needs.page).toMatchObject({ browser: true });
  expect(
    filesOf('page').filter((file) => !usesBrowser(file)),
    'needs no browser',
  ).toEqual([]);
});

test('every test file is run by some host, and those of test/gpu by all but one', () => {
  const found = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(test|spec)\.[cm]?[jt]sx?$/.test(name))
    .map((name) => `test/${name}`);
  const run = new Set(all.flatMap(filesOf));
  expect(
    found.filter((name) => !run.has(name)),
    'no host runs them',
  ).toEqual([]);
  expect([...run].filter((name) => !found.includes(name)).filter((name) => /\.test\./.test(name))).toEqual(
    [],
  );
  const everywhere = found.filter((name) => name.startsWith('test/gpu/'));
  for (const host of ['node', 'chromium', 'deno'] as const)
    expect(filesOf(host)).toEqual(expect.arrayContaining(everywhere));
  // No file runs twice in Node.
  expect(filesOf('page').filter((name) => filesOf('node').includes(name))).toEqual([]);
  expect(filesOf('page').every((name) => found.includes(name))).toBe(true);
});

test('names on the command line ask only for what their tests need', () => {
  const left = (...words: string[]) => all.filter((host) => isLeftOut(host, words));
  expect(left()).toEqual([]);
  expect(left('ramp')).toEqual(['page', 'chromium', 'deno']);
  expect(left('page-train')).toEqual(['node', 'chromium', 'deno']);
  expect(left('test/gpu/math/math.test.ts', '-t', 'page')).toEqual(['page']);
  expect(left('no-such-test')).toEqual(all);
  // A word after an option that we do not know may be its value.
  expect(left('--reporter', 'dot')).toEqual([]);
});

/** `node scripts/test.mjs`, of which vitest here must not be taken for a part. */
function runTests(words: string[], variables: Record<string, string>) {
  const script = fileURLToPath(new URL('../../scripts/test.mjs', import.meta.url));
  const env = { ...process.env, LIMBECK_SKIP_HOSTS: '', ...variables };
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...words], {
    encoding: 'utf8',
    env,
  });
  return { status, lines: stdout.trimEnd().split('\n'), stderr };
}

test('a host that cannot start is a failure', () => {
  const nowhere = { CHROME_PATH: '/nowhere', DENO_PATH: '/nowhere' };
  const { status, lines } = runTests(['--project', 'chromium', '--project', 'deno'], nowhere);
  expect(status).toBe(1);
  expect(lines).toContain(
    "chromium: cannot start: CHROME_PATH is '/nowhere', which is no program; correct or unset it",
  );
  expect(lines).toContain(
    "deno: cannot start: DENO_PATH is '/nowhere', which is no program; correct or unset it",
  );
  expect(lines.at(-1)).toBe('0 passed, 2 failed');
});

test('a host that is no host is a failure: Node does not pass for Deno', () => {
  const { status, lines } = runTests(['--project', 'deno'], { DENO_PATH: process.execPath });
  expect(status).toBe(1);
  expect(lines.at(-1)).toBe('0 passed, 1 failed');
});

test('a host that is skipped is left out, and loudly', () => {
  const words = ['test/engine/adapter-name.test.ts'];
  const { status, lines } = runTests(words, { LIMBECK_SKIP_HOSTS: 'chromium,deno' });
  expect(status).toBe(0);
  expect(lines.at(-4)).toMatch(/^SKIPPED: page: .*chromium, which it needs/);
  expect(lines.at(-3)).toMatch(/^SKIPPED: chromium: /);
  expect(lines.at(-2)).toMatch(/^SKIPPED: deno: /);
  expect(lines.at(-1)).toBe('2 passed, 0 failed');
  expect(runTests(words, { LIMBECK_SKIP_HOSTS: 'bun' })).toMatchObject({
    status: 1,
    stderr: "test: LIMBECK_SKIP_HOSTS: no host is called 'bun'; there are node, page, chromium, deno\n",
  });
});

test('names that no test has are an error', () => {
  const { status, stderr } = runTests(['--project', 'node', 'no-such-test'], {});
  expect(status).toBe(1);
  expect(stderr).toContain('test: no test is called so: no-such-test');
});
