/** Two run folders side by side: what differs in the names of files, in weights, curves and findings. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What differs from run to run, or only says who made it. Weights are compared by their tensors. */
const passing = new Set([
  'seconds',
  'weightsSha256',
  'version',
  'commit',
  'startedAt',
  'finishedAt',
  'numerics',
  // How the work was done, not what came of it.
  'dispatches',
  'byKernel',
]);

/** A line for each difference; none for equal runs. */
export function differences(one: string, other: string): string[] {
  const [left, right] = [filesOf(one), filesOf(other)];
  const names = [...new Set([...left, ...right])].sort();
  return names.flatMap((name) => {
    if (!left.includes(name)) return [`${name}: only in the second`];
    if (!right.includes(name)) return [`${name}: only in the first`];
    return differencesIn(name, readFileSync(join(one, name)), readFileSync(join(other, name)));
  });
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1));
}

function differencesIn(name: string, left: Buffer, right: Buffer): string[] {
  if (name.endsWith('.safetensors')) {
    return fingerprint(left) === fingerprint(right) ? [] : [`${name}: other weights`];
  }
  if (name.endsWith('.jsonl')) {
    const [lines, others] = [left, right].map((text) => text.toString().trim().split('\n'));
    if (lines!.length !== others!.length) return [`${name}: ${lines!.length} lines and ${others!.length}`];
    return first(
      lines!.flatMap((line, i) => compare(`${name}:${i + 1}`, JSON.parse(line), JSON.parse(others![i]!))),
    );
  }
  if (name === 'summary.json')
    return compare(name, JSON.parse(left.toString()), JSON.parse(right.toString()));
  // The configuration may be written in another form, and the report is made of what is compared here.
  return [];
}

/** One difference stands for the many that follow from it. */
function first(lines: string[]): string[] {
  return lines.length > 1 ? [`${lines[0]!} (and ${lines.length - 1} more)`] : lines;
}

/** Of the tensors of a safetensors file: names, shapes, numbers; not its metadata. */
function fingerprint(file: Buffer): string {
  const length = Number(file.readBigUInt64LE(0));
  const { __metadata__: _, ...header } = JSON.parse(file.subarray(8, 8 + length).toString()) as Record<
    string,
    unknown
  >;
  const hash = createHash('sha256').update(
    JSON.stringify(Object.entries(header).sort(([a], [b]) => (a < b ? -1 : 1))),
  );
  return hash.update(file.subarray(8 + length)).digest('hex');
}

function compare(at: string, left: unknown, right: unknown): string[] {
  if (Object.is(left, right)) return [];
  const areObjects = [left, right].every((value) => typeof value === 'object' && value !== null);
  if (!areObjects) return [`${at}: ${JSON.stringify(left)} and ${JSON.stringify(right)}`];
  const [one, other] = [left, right] as [Record<string, unknown>, Record<string, unknown>];
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...keys]
    .filter((key) => !passing.has(key))
    .flatMap((key) => compare(`${at}.${key}`, one[key], other[key]));
}
