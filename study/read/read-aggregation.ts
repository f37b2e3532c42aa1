/** The file of mixtures that an earlier study found: read and checked before anything is trained. */
import { createHash } from 'node:crypto';
import { type Found, parseAggregation } from '../../base/aggregation.ts';
import { readBytes } from './read-bytes.ts';

export interface AggregationRead {
  readonly aggregation: Found;
  /** One line for people. */
  readonly description: string;
  /** For config.json: enough to tell whether it is the same file. */
  readonly record: Readonly<Record<string, unknown>>;
}

/** @throws UserError that begins with the file: it cannot be read, or is no aggregation.json. */
export async function readAggregation(
  path: string,
  { signal }: { signal?: AbortSignal } = {},
): Promise<AggregationRead> {
  const bytes = await readBytes(path, { signal });
  const aggregation = parseAggregation(new TextDecoder().decode(bytes), path);
  const { method, seeds } = aggregation;
  const groups = seeds[0]!.groups.map(({ layers }) => layers.length).join(' + ');
  return {
    aggregation,
    description: `mixtures ${path}: ${method}, ${groups} layers, ${seeds.length} seed${seeds.length === 1 ? '' : 's'}`,
    record: {
      sha256: createHash('sha256').update(bytes).digest('hex'),
      method,
      seeds: seeds.map(({ seed }) => seed),
    },
  };
}
