/** The results in words, for a terminal, and as the one line of `--json`. */
import type { Tolerance } from './graph.ts';
import { knownFaults } from './known-faults.ts';
import type { Failed, NotApplicable, Passed, Result, Worst } from './run.ts';

export interface Counts {
  passed: number;
  failed: number;
  applicable: number;
  total: number;
}

export function failuresOf(results: readonly Result[]): Failed[] {
  return results.filter((result) => result.kind === 'failed');
}

export function skippedOf(results: readonly Result[]): NotApplicable[] {
  return results.filter((result) => result.kind === 'not applicable');
}

/** Cases that passed by a tolerance of WebNN's rule. */
export function derivedOf(results: readonly Result[]): Passed[] {
  return results.filter((result) => result.kind === 'passed').filter(({ isDerived }) => isDerived);
}

export function countsOf(results: readonly Result[]): Counts {
  const failed = failuresOf(results).length;
  const applicable = results.length - skippedOf(results).length;
  return { passed: applicable - failed, failed, applicable, total: results.length };
}

/** 'conv2d: output[3] is 1.25, expected 1.5, 2097152 ULP (18 allowed)'. */
export function failureText({ name, op, worst, tolerance, reason }: Failed): string {
  if (!worst || !tolerance) return `${op}: ${reason}`;
  const { output, index, got, expected, ulp, distance } = worst;
  const allowed =
    tolerance.metricType === 'ULP'
      ? `${tolerance.value} allowed`
      : `off by ${distance}, ${tolerance.value} allowed`;
  const fault = knownFaults[name] ? `; ${knownFaults[name]}` : '';
  return `${op}: ${output}[${index}] is ${got}, expected ${expected}, ${ulp} ULP (${allowed})${fault}`;
}

/** What is furthest from its tolerance, as text: '3 of 18 ULP'. */
export function distanceText(worst: Worst, { metricType, value }: Tolerance): string {
  if (metricType === 'ULP') return `${worst.distance} of ${value} ULP`;
  const rounded = (x: number) => String(Number(x.toPrecision(2)));
  return `${rounded(worst.distance)} of ${rounded(value)}`;
}

export function summaryText(results: readonly Result[], adapter: string, host: string): string {
  const { passed, applicable, total } = countsOf(results);
  const list = (title: string, entries: readonly string[]) =>
    entries.length === 0 ? [] : ['', title, ...entries.map((entry) => `  ${entry}`)];
  return [
    `adapter     ${adapter}, ${host}`,
    `passed      ${passed}`,
    `applicable  ${applicable}`,
    `total       ${total}`,
    ...list(
      'without a tolerance in the file; by WebNN’s rule, the sum of its operators’:',
      derivedOf(results).map(({ name, tolerance }) => `${name}: ${tolerance.value} ULP`),
    ),
    ...list(
      'not applicable:',
      skippedOf(results).map(({ name, file, reason }) => `${file}: ${name}: ${reason}`),
    ),
    ...list(
      'failed:',
      failuresOf(results).map((failed) => `${failed.file}: ${failed.name}\n    ${failureText(failed)}`),
    ),
  ].join('\n');
}

/** One line of JSON. Numbers that JSON lacks are text: "NaN", "Infinity". */
export function jsonLine(results: readonly Result[], adapter: string, host: string): string {
  const { passed, failed, applicable, total } = countsOf(results);
  const failures = failuresOf(results).map(({ name, file, op, worst, tolerance, reason }) => ({
    name,
    file,
    op,
    ...(worst && {
      output: worst.output,
      index: worst.index,
      got: worst.got,
      expected: worst.expected,
      ulp: worst.ulp,
    }),
    tolerance,
    reason: reason ?? knownFaults[name],
  }));
  return JSON.stringify(
    { adapter, host, passed, failed, applicable, total, failures },
    (_, value: unknown) => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value),
  );
}
