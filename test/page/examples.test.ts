/** The same example in Node, Deno and a browser: one text, one result. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { chromium } from 'playwright';
import { transformWithOxc } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PATIENCE_MS } from '../../scripts/patience.mjs';
import { chromiumArguments, findChromium, findDeno } from '../../scripts/setup.mjs';
import { findSwiftShader } from '../../scripts/setup/software-drivers.mjs';

const root = new URL('../..', import.meta.url).pathname;
const execute = promisify(execFile);
const dist = mkdtempSync(join(tmpdir(), 'limbeck-dist-'));
afterAll(() => rmSync(dist, { recursive: true, force: true }));

/** The browser's driver: with it all hosts run on the same. */
const swiftShader = findSwiftShader();

async function run(program: string, ...args: string[]): Promise<string> {
  const env = swiftShader ? { ...process.env, VK_DRIVER_FILES: swiftShader } : process.env;
  return (await execute(program, args, { cwd: root, env })).stdout;
}

/** Serves the repository, with dist/ as built for this test. */
function serve() {
  const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript' };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url!, 'http://localhost');
    const path = pathname.startsWith('/dist/') ? join(dist, pathname.slice(5)) : join(root, pathname);
    const isInside = [dist, root].some((folder) => path.startsWith(resolve(folder)));
    if (!isInside || !existsSync(path)) return response.writeHead(404).end();
    response.writeHead(200, { 'Content-Type': types[extname(path)] ?? 'text/plain' }).end(readFileSync(path));
  });
  return new Promise<typeof server>((done) => server.listen(0, '127.0.0.1', () => done(server)));
}

async function runPage(): Promise<string> {
  await execute(process.execPath, ['scripts/build.mjs', dist], { cwd: root });
  const server = await serve();
  const browser = await chromium.launch({
    executablePath: findChromium(),
    args: chromiumArguments,
    timeout: PATIENCE_MS,
  });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(PATIENCE_MS / 2);
    const { port } = server.address() as AddressInfo;
    await page.goto(`http://127.0.0.1:${port}/examples/browser/index.html`);
    // Two lines, or the error that the page shows.
    await page.waitForFunction("/300 steps|Error/.test(document.querySelector('#output').textContent)");
    return (await page.textContent('#output'))!;
  } finally {
    await browser.close();
    server.close();
  }
}

/** Also here nothing is asked of a host that this machine is said to do without. */
const hasDeno = !/\bdeno\b/.test(process.env.LIMBECK_SKIP_HOSTS ?? '');

const outputs: Record<string, string> = {};
beforeAll(async () => {
  outputs.node = await run(process.execPath, '--import', 'tsx', 'examples/node.ts');
  if (hasDeno) outputs.deno = await run(findDeno() ?? 'deno', 'run', '-A', 'examples/deno.ts');
  outputs.browser = await runPage();
});

const resultOf = (host: string) => {
  const [, rejected, loss] =
    /: (\d+) of 256 labels rejected\nloss of the student after 300 steps: (\S+)\n$/.exec(outputs[host]!) ??
    [];
  return { rejected, loss };
};

test.each(['node', ...(hasDeno ? ['deno'] : []), 'browser'])('%s trains the student', (host) => {
  expect(outputs[host]).toMatch(
    /: 47 of 256 labels rejected\nloss of the student after 300 steps: 0\.110\d+\n$/,
  );
});

test.runIf(swiftShader)('on one driver, SwiftShader, the losses are the same to the last bit', () => {
  for (const output of Object.values(outputs)) expect(output).toMatch(/swiftshader/i);
  if (hasDeno) expect(resultOf('deno')).toEqual(resultOf('node'));
  expect(resultOf('browser')).toEqual(resultOf('node'));
});

test('the three files have one text below their first lines', async () => {
  const bodyOf = async (path: string) => {
    const text = readFileSync(join(root, path), 'utf8');
    const script = /<script type="module">([^]*)<\/script>/.exec(text)?.[1] ?? text;
    // Without types, comments and indentation.
    const { code } = await transformWithOxc(script, 'example.ts', { sourcemap: false });
    return code.slice(code.indexOf('const gpu'));
  };
  const body = await bodyOf('examples/node.ts');
  expect(body).toContain('torDual');
  expect(await bodyOf('examples/deno.ts')).toBe(body);
  expect(await bodyOf('examples/browser/index.html')).toBe(body);
});

test('a network of one’s own learns a sine', async () => {
  const output = await run(process.execPath, '--import', 'tsx', 'examples/own-network.ts');
  expect(output).toContain('9 parameters of 544 multiply-accumulates');
  expect(output).toMatch(/squared error: .* at first, below 0\.01 after 200 steps/);
}, 60_000);
