/** The conformance command on vectors of our own: what passes, what fails and how it is reported, what is left out. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { argumentsOf } from '../../conformance/arguments.ts';
import { columnOf, pageWith } from '../../conformance/document.ts';
import { main } from '../../conformance/main.ts';
import { operators, outOfScope } from '../../conformance/operators.ts';
import { countsOf } from '../../conformance/report.ts';
import type { Result } from '../../conformance/run.ts';
import { ulpOf } from '../../conformance/tolerance.ts';
import { absoluteDifference, ulpDistance } from '../../conformance/ulp.ts';
import { zeros } from '../../engine/tensor.ts';
import { cpu } from '../backends.ts';

const vectors = fileURLToPath(new URL('../fixtures/webnn-like', import.meta.url));
const base = mkdtempSync(join(tmpdir(), 'limbeck-test-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

async function conformance(...argv: string[]) {
  const [out, err]: string[][] = [[], []];
  const page = join(base, 'conformance.md');
  const code = await main(argv, {
    stdout: { write: (text) => out!.push(text) },
    stderr: { write: (text) => err!.push(text) },
    page,
  });
  return { code, stdout: out!.join(''), stderr: err!.join(''), page };
}

describe('ULP', () => {
  const next = (x: number, steps = 1) => {
    const bits = new Int32Array(Float32Array.of(x).buffer);
    bits[0]! += steps;
    return new Float32Array(bits.buffer)[0]!;
  };
  const smallest = 2 ** -149;

  test.each([
    [1, 1, 0],
    [1, next(1), 1],
    [next(1), 1, 1],
    [-1, next(-1, 5), 5],
    [0, -0, 0],
    [0, smallest, 1],
    [-smallest, smallest, 2],
    [smallest, 3 * smallest, 2],
    [2 ** -126, 2 ** -126 - smallest, 1], // from the smallest normal number to the largest subnormal one
    [2, 2 - 2 ** -23, 1], // below a power of two the steps are half as long
    [-1, 1, 2 * 0x3f80_0000], // as many steps on either side of 0
    [0.1, Math.fround(0.1), 0], // what is expected may be given with more digits
    [Infinity, Infinity, 0],
    [Infinity, next(Infinity, -1), Infinity],
    [-Infinity, Infinity, Infinity],
    [NaN, NaN, 0],
    [NaN, 1, Infinity],
    [Infinity, NaN, Infinity],
  ])('%d and %d: %d', (a, b, distance) => {
    expect(ulpDistance(a, b)).toBe(distance);
    expect(ulpDistance(b, a)).toBe(distance);
  });

  test('absolute differences', () => {
    expect(absoluteDifference(1, 0.75)).toBe(0.25);
    expect(absoluteDifference(-0, 0)).toBe(0);
    expect(absoluteDifference(NaN, NaN)).toBe(0);
    expect(absoluteDifference(-Infinity, -Infinity)).toBe(0);
    expect(absoluteDifference(Infinity, -Infinity)).toBe(Infinity);
    expect(absoluteDifference(NaN, 1)).toBe(Infinity);
  });
});

test('tolerances by WebNN’s rule', () => {
  const operands = new Map(
    Object.entries({ image: [1, 5, 5, 4], filter: [2, 3, 6, 2], a: [3, 4], c: [4] }).map(([name, shape]) => [
      name,
      zeros(shape, cpu),
    ]),
  );
  const ulp = (name: string, ...args: Record<string, unknown>[]) =>
    ulpOf(name, argumentsOf({ name, arguments: args, outputs: 'y' }, operands));
  const layouts = { inputLayout: 'nhwc', groups: 2 };
  const convolution = [{ input: 'image' }, { filter: 'filter' }];
  // Twice the kernel's area times the channels of a group.
  expect(ulp('conv2d', ...convolution, { options: { ...layouts, filterLayout: 'hwio' } })).toBe(
    2 * 2 * 3 * 2,
  );
  expect(ulp('convTranspose2d', ...convolution, { options: { ...layouts, filterLayout: 'ohwi' } })).toBe(
    2 * 3 * 6 * 2,
  );
  expect(ulp('gemm', { a: 'a' }, { b: 'a' })).toBe(8);
  expect(ulp('gemm', { a: 'a' }, { b: 'a' }, { options: { aTranspose: true, alpha: 2, beta: 3 } })).toBe(7);
  expect(ulp('gemm', { a: 'a' }, { b: 'a' }, { options: { c: 'c', beta: 3 } })).toBe(10);
  expect(ulp('softmax', { input: 'image' }, { axis: 3 })).toBe(15);
  expect(ulp('mul', { a: 'a' }, { b: 'a' })).toBeUndefined();
});

test('what is right passes: code 0', async () => {
  const { code, stdout, stderr } = await conformance('--vectors', vectors, '--only', 'good');
  expect(stdout).not.toContain('failed:');
  expect(stdout).toMatch(/passed +11\napplicable +11\ntotal +11\n/);
  // 2 products, then 3 roundings for each of 2 elements and 3 more.
  expect(stdout).toContain('gemm and softmax, no tolerance: 13 ULP');
  expect(stderr).toBe('');
  expect(code).toBe(0);
});

test('what is wrong fails, and is told: code 1', async () => {
  const { code, stdout } = await conformance('--vectors', vectors, '--only', 'wrong');
  expect(code).toBe(1);
  expect(stdout).toContain('mul: y[1] is 4, expected 4.000001907348633, 4 ULP (1 allowed)');
  expect(stdout).toContain('neg: y: shape [2], expected [1, 2]');
  expect(stdout).toContain("abs: unknown argument 'sign' of abs");
  expect(stdout).toContain("frobnicate: unknown operator 'frobnicate'");
  expect(stdout).toContain('neg: no tolerance is given, and none is known');
  expect(stdout).toMatch(/passed +0\napplicable +5\ntotal +5\n/);
});

test('what is out of scope is not applicable, with the reason', async () => {
  const { code, stdout } = await conformance('--vectors', vectors, '--only', 'out-of-scope');
  expect(code).toBe(0);
  expect(stdout).toContain('argMax of a row: argMax is out of scope: ');
  expect(stdout).toContain('add of integers: int8 is out of scope: ');
  expect(stdout).toMatch(/passed +0\napplicable +0\ntotal +2\n/);
  for (const name of Object.keys(outOfScope)) expect(operators).not.toHaveProperty(name);
});

test('--json: one line on stdout; people read stderr', async () => {
  const { code, stdout, stderr } = await conformance('--vectors', vectors, '--json');
  expect(code).toBe(1);
  expect(stderr).toContain('frobnicate');
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  const summary = JSON.parse(stdout);
  expect(summary).toMatchObject({ host: 'node', passed: 11, failed: 5, applicable: 16, total: 18 });
  expect(summary.adapter).not.toBe('');
  expect(summary.failures).toHaveLength(5);
  expect(summary.failures[0]).toEqual({
    name: 'mul, a number too large by 4 ULP',
    file: 'wrong.json',
    op: 'mul',
    output: 'y',
    index: 1,
    got: 4,
    expected: 4 + 2 ** -19,
    ulp: 4,
    tolerance: { metricType: 'ULP', value: 1 },
  });
});

test('in Chromium the same cases give the same', async () => {
  const { stdout, stderr } = await conformance('--vectors', vectors, '--host', 'chromium', '--json');
  expect(stderr).toMatch(/^adapter .*swiftshader, Chromium \d/i);
  expect(JSON.parse(stdout)).toMatchObject({
    host: 'chromium',
    passed: 11,
    failed: 5,
    applicable: 16,
    total: 18,
  });
});

test('mistakes are one line each', async () => {
  writeFileSync(join(base, 'other.json'), '{"name": "no array"}');
  const mistakes: [string[], number, string][] = [
    [[], 2, '--vectors is missing'],
    [['--vectors'], 2, "Option '--vectors <value>' argument missing"],
    [['--vectors', join(base, 'none')], 1, 'no such file or directory'],
    [['--vectors', base], 1, 'is no array of WebNN cases'],
    [['--vectors', join(base, 'other.json')], 1, 'not a directory'],
    [['--vectors', fileURLToPath(new URL('../cases', import.meta.url))], 1, 'no JSON file in'],
    [['--vectors', vectors, '--only', 'nothing has this name'], 1, '--only: no case contains'],
    [['--vectors', vectors, '--only', 'good', '--write'], 2, '--write wants all cases'],
    [['--vectors', vectors, '--host', 'deno'], 2, "--host: unknown value 'deno'"],
    [['--vectors', vectors, '--host', 'chromium', '--adapter', 'x'], 2, '--adapter: Chromium runs on'],
    [['--vectors', vectors, '--adapter', 'voodoo2'], 1, "no WebGPU adapter is called 'voodoo2'"],
    [['--vectrs', vectors], 2, "unknown option '--vectrs', did you mean '--vectors'?"],
    [[vectors], 2, 'npm run conformance -- --vectors DIR'],
  ];
  for (const [argv, wanted, message] of mistakes) {
    const { code, stdout, stderr } = await conformance(...argv);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^conformance: .*\n$/);
    expect(stdout).toBe('');
    expect(code, message).toBe(wanted);
  }
  expect((await conformance('--help')).stdout).toContain('--host HOST');
});

describe('the page', () => {
  const about = { host: 'Node 20.0.0', limbeck: '1.2.3', date: '2026-01-01' };
  const worst = { output: 'y', index: 0, got: 1, expected: 1, ulp: 3, distance: 3 };
  const passed = (op: string, value: number): Result => {
    const tolerance = { metricType: 'ULP', value } as const;
    return { kind: 'passed', name: `${op} ${value}`, file: 'x.json', op, tolerance, isDerived: false, worst };
  };
  const failed: Result = {
    kind: 'failed',
    name: 'a case',
    file: 'x.json',
    op: 'conv2d + relu',
    reason: 'lost',
  };

  test('keeps the columns of other hosts', () => {
    const one = columnOf([passed('mul', 4), passed('mul', 30), failed], {
      adapter: 'llvmpipe: Mesa',
      ...about,
    });
    const two = columnOf([passed('mul', 4)], { ...about, adapter: 'SwiftShader driver', host: 'Chromium 9' });
    const both = pageWith(two, pageWith(one, ''));
    expect(both).toContain(
      '| operator | lavapipe, Node | nearest to its tolerance | SwiftShader, Chromium |',
    );
    expect(both).toContain('| mul | 2 of 2 | 3 of 4 ULP | 1 of 1 | 3 of 4 ULP |');
    expect(both).toContain('| graphs of several operators | 0 of 1 | – | – | – |');
    expect(both).toContain('| **all** | **2 of 3** |');
    expect(both).toContain('- a case: conv2d + relu: lost (lavapipe, Node)');
    // Written again, the first column changes and the second stays.
    const again = pageWith(columnOf([passed('mul', 30)], { adapter: 'llvmpipe: Mesa', ...about }), both);
    expect(again).toContain('| mul | 1 of 1 | 3 of 30 ULP | 1 of 1 | 3 of 4 ULP |');
    expect(again).not.toContain('a case');
    // What several columns share is said once, without their names.
    const three = columnOf([failed], { adapter: 'other', ...about });
    const shared = pageWith(three, pageWith(one, ''));
    expect(shared.match(/^- a case: conv2d \+ relu: lost$/gm)).toHaveLength(1);
    expect(countsOf([failed])).toEqual({ passed: 0, failed: 1, applicable: 1, total: 1 });
  });

  test('--write writes it', async () => {
    const { page, stdout } = await conformance('--vectors', vectors, '--write');
    expect(stdout).toContain(`written     ${page}`);
    const text = readFileSync(page, 'utf8');
    expect(text).toContain('| **all** | **11 of 18** | 2 not applicable |');
    expect(text).toContain('- gemm and softmax, no tolerance: 13 ULP');
  });
});
