/** What is wrong with a plan that was read: it may come from elsewhere, and its ids become names of files. */

/** In words, with its place; undefined of what `makePlan` could have made. */
export function planProblem(value: unknown): string | undefined {
  if (!isObject(value)) return 'no object';
  const { name, version, numerics, baseline, base, axes, runs, ownFiles } = value;
  if (!isText(name) || !/^[A-Za-z0-9_.-]{1,200}$/.test(name)) return 'name: wants letters, digits, - _ and .';
  if (!isText(version) || !/^[\w.+-]{1,100}$/.test(version)) return 'version: wants that of a library';
  if (numerics !== undefined && !Number.isSafeInteger(numerics)) return 'numerics: wants a whole number';
  if (!isText(baseline)) return 'baseline: wants a text';
  if (!isTexts(base)) return 'base: wants texts by their names';
  if (!Array.isArray(axes) || !axes.every(isAxis)) return 'axes: wants a list of { name, values }';
  if (ownFiles !== undefined && !(Array.isArray(ownFiles) && ownFiles.every(isOwnFile)))
    return 'ownFiles: wants a list of { path, sha256 }';
  if (!Array.isArray(runs)) return 'runs: wants a list';
  const wrong = runs.findIndex((run, i) => !isRun(run, i));
  return wrong < 0 ? undefined : `runs[${wrong}]: no run of a plan`;
}

function isOwnFile(value: unknown): boolean {
  return isObject(value) && isText(value.path) && isText(value.sha256);
}

function isAxis(value: unknown): boolean {
  return isObject(value) && isText(value.name) && Array.isArray(value.values) && value.values.every(isValue);
}

function isRun(value: unknown, place: number): boolean {
  if (!isObject(value)) return false;
  const { index, id, at, options, methods, seeds, steps } = value;
  return (
    index === place &&
    // A SHA-256, and no path.
    isText(id) &&
    /^[0-9a-f]{64}$/.test(id) &&
    isObject(at) &&
    Object.values(at).every(isValue) &&
    isTexts(options) &&
    Array.isArray(methods) &&
    methods.every(isText) &&
    Array.isArray(seeds) &&
    seeds.every((seed) => Number.isSafeInteger(seed)) &&
    Number.isFinite(steps)
  );
}

function isValue(value: unknown): boolean {
  return isText(value) || Number.isFinite(value);
}

function isTexts(value: unknown): boolean {
  return isObject(value) && Object.values(value).every(isText);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
