/** `npm test` itself: which hosts it runs, that none is left out in silence, and its last line. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { chooseHosts, summaryOf } from '../../scripts/test-hosts.mjs';

const all = ['node', 'chromium', 'deno'];

test('all hosts, unless the command line chooses or the variable skips', () => {
  expect(chooseHosts([])).toEqual({ hosts: all, skipped: [], words: [] });
  expect(chooseHosts(['ops', '--project', 'deno', '-t', 'sum', '--project=node'])).toEqual({
    hosts: ['node', 'deno'],
    skipped: [],
    words: ['ops', '-t', 'sum'],
  });
  expect(chooseHosts([], ' deno, chromium,')).toMatchObject({
    hosts: ['node'],
    skipped: ['chromium', 'deno'],
  });
});

test('an unknown host is an error, and so is none at all', () => {
  expect(() => chooseHosts([], 'deno,chrome')).toThrow(
    "LIMBECK_SKIP_HOSTS: no host is called 'chrome'; there are node, chromium, deno",
  );
  expect(() => chooseHosts(['--project'])).toThrow("--project: no host is called ''");
  expect(() => chooseHosts([], 'deno,node,chromium')).toThrow('leaves no host to test');
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
  const words = ['test/adapter-name.test.ts'];
  const { status, lines } = runTests(words, { LIMBECK_SKIP_HOSTS: 'chromium,deno' });
  expect(status).toBe(0);
  expect(lines.at(-3)).toMatch(/^SKIPPED: chromium: /);
  expect(lines.at(-2)).toMatch(/^SKIPPED: deno: /);
  expect(lines.at(-1)).toBe('2 passed, 0 failed');
  expect(runTests(words, { LIMBECK_SKIP_HOSTS: 'bun' })).toMatchObject({
    status: 1,
    stderr: "test: LIMBECK_SKIP_HOSTS: no host is called 'bun'; there are node, chromium, deno\n",
  });
});

test('names that no test has are an error', () => {
  const { status, stderr } = runTests(['--project', 'node', 'no-such-test'], {});
  expect(status).toBe(1);
  expect(stderr).toContain('test: no test is called so: no-such-test');
});
