/** Works, each done by this library and by its peers: first the same numbers, then the times. */
import { RunError } from '../train/errors.ts';
import { measure, type MeasureOptions } from './harness.ts';
import { CompetitorError, type Remote, startRemote } from './remote.ts';
import type { Comparison, Failure, Report, Row } from './report.ts';
import type { Work } from './work.ts';

export interface Entry {
  readonly name: string;
  readonly shape: string;
  readonly work: Work;
  /** Floating-point operations of one execution. */
  readonly flops: number;
}

export interface ContestOptions extends MeasureOptions {
  /** Modules of the peers; see `Competitor`. */
  peers: readonly URL[];
  /** Whether drivers may use what they compiled another day; then `firstMs` says nothing. */
  shaderCache?: boolean;
  /** Told what is going on, a line at a time. */
  note: (line: string) => void;
}

/** Of the largest number, between sums of up to some ten thousand products in different orders. */
const TOLERANCE = 1e-4;

const OURS = new URL('ours.ts', import.meta.url);

/** A competitor that has done the work once. */
interface Contestant extends Remote {
  readonly firstMs: number;
  readonly values: Float32Array;
}

/**
 * Measures every entry, all competitors in turns. A peer that fails is left out there, noted, and listed under
 * `failures`.
 *
 * @throws RunError if our own work fails, if a peer has another adapter, or if its numbers differ from ours.
 */
export async function contest(
  entries: readonly Entry[],
  { peers, note, shaderCache = false, ...options }: ContestOptions,
): Promise<Report> {
  const started = new Map<URL, Remote>();
  const rows: Row[] = [];
  const comparisons: Comparison[] = [];
  const failures: Failure[] = [];

  const begin = async (module: URL, { work }: Entry): Promise<Contestant> => {
    const remote = started.get(module) ?? (await startRemote(module, { shaderCache }));
    started.set(module, remote);
    await remote.prepare(work);
    const firstMs = await remote.sample(1);
    return { ...remote, firstMs, values: await remote.result() };
  };
  const attempt = async (module: URL, entry: Entry): Promise<Contestant[]> => {
    try {
      return [await begin(module, entry)];
    } catch (error) {
      if (!(error instanceof CompetitorError)) throw error;
      note(`left out: ${error.message}`);
      failures.push({ work: titleOf(entry), name: error.competitor, reason: error.reason });
      // The next work gets a new process: this one may be gone, or in no good state.
      started.get(module)?.stop();
      started.delete(module);
      return [];
    }
  };

  try {
    let adapter = '';
    for (const entry of entries) {
      note(titleOf(entry));
      const ours = await begin(OURS, entry);
      adapter = ours.adapter;
      const rivals: Contestant[] = [];
      for (const module of peers) rivals.push(...(await attempt(module, entry)));
      for (const rival of rivals) checkSame(entry, ours, rival);

      const [timing, ...others] = await measure([ours, ...rivals], options);
      const { name, shape, flops } = entry;
      rows.push({ name, shape, ...timing!, firstMs: ours.firstMs, gflops: flops / timing!.ms / 1e6 });
      for (const [i, { ms, spread }] of others.entries()) {
        const { name: peer, firstMs } = rivals[i]!;
        const ratio = ms / timing!.ms;
        comparisons.push({
          work: titleOf(entry),
          ours: timing!.ms,
          peer: ms,
          name: peer,
          ratio,
          spread,
          firstMs,
        });
      }
    }
    return { adapter, rows, peers: comparisons, failures };
  } finally {
    for (const remote of started.values()) remote.stop();
  }
}

function titleOf({ name, shape }: Entry): string {
  return `${name} ${shape}`;
}

/** A race is only one on the same adapter and to the same numbers. */
function checkSame(entry: Entry, ours: Contestant, peer: Contestant): void {
  if (peer.adapter !== ours.adapter) {
    throw new RunError(`${peer.name} runs on '${peer.adapter}', ${ours.name} on '${ours.adapter}'`);
  }
  const difference = differenceOf(peer.values, ours.values);
  if (!difference) return;
  throw new RunError(`${titleOf(entry)}: ${peer.name} differs from ${ours.name}: ${difference}`);
}

/** Where two results differ by more than the tolerance, in words; undefined if nowhere. */
export function differenceOf(got: Float32Array, wanted: Float32Array): string | undefined {
  if (got.length !== wanted.length) return `${got.length} numbers instead of ${wanted.length}`;
  const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  // Written so that NaN is a difference.
  const at = got.findIndex((value, i) => !(Math.abs(value - wanted[i]!) <= TOLERANCE * largest));
  return at < 0 ? undefined : `${got[at]} instead of ${wanted[at]} at ${at} (largest ${largest})`;
}
