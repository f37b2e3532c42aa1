/** What is kept of a run of a plan, and whether a file holds that: it may be cut off, or come from elsewhere. */
import type { MethodResult } from '../results.ts';

/** What is kept of a network. */
export interface Score
  extends Pick<
    MethodResult,
    | 'method'
    | 'rmse'
    | 'angularError'
    | 'bestStep'
    | 'validationError'
    | 'findings'
    | 'imitationLoss'
    | 'params'
    | 'macs'
    | 'seconds'
    | 'weightsSha256'
  > {
  /** By what methods are ranked, and how much it is, where that is neither of the errors above. */
  readonly metric?: string;
  readonly score?: number;
}

/** results/ID.json: of a run that is done, or of one that failed what was finished before. */
export interface RunResult {
  readonly id: string;
  readonly index: number;
  /** The words that do the same with `distill`, which keeps weights and a report. */
  readonly command: string;
  readonly seeds: readonly { readonly seed: number; readonly scores: readonly Score[] }[];
  readonly adapter: string;
  readonly host: string;
  readonly cpu: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly started: string;
  readonly seconds: number;
  readonly error?: { readonly message: string; readonly isWorthRetry: boolean };
}

/** @param id the run's, which it must be about */
export function isResult(value: unknown, id: string): value is RunResult {
  if (!isObject(value) || value.id !== id) return false;
  const { index, command, seeds, adapter, host, cpu, versions, started, seconds, error } = value;
  return (
    Number.isSafeInteger(index) &&
    [command, adapter, host, cpu, started].every(isText) &&
    isObject(versions) &&
    Object.values(versions).every(isText) &&
    Number.isFinite(seconds) &&
    Array.isArray(seeds) &&
    seeds.every(isSeed) &&
    (error === undefined ? seeds.length > 0 : isError(error))
  );
}

function isSeed(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { seed, scores } = value;
  return Number.isSafeInteger(seed) && Array.isArray(scores) && scores.length > 0 && scores.every(isScore);
}

function isScore(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { method, rmse, angularError, bestStep, params, macs, seconds, weightsSha256, metric, score } = value;
  const { imitationLoss } = value;
  const isNumber = (x: unknown) => Number.isFinite(x);
  return (
    isText(method) &&
    (isNumber(rmse) || isNumber(score)) &&
    [rmse, angularError, bestStep, imitationLoss, score, value.validationError].every(
      (x) => x === undefined || isNumber(x),
    ) &&
    (metric === undefined || isText(metric)) &&
    [params, macs, seconds].every((x) => x === null || isNumber(x)) &&
    (weightsSha256 === null || isText(weightsSha256))
  );
}

function isError(value: unknown): boolean {
  return isObject(value) && isText(value.message) && typeof value.isWorthRetry === 'boolean';
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
