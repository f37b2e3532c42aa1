/** Works, each done by this library, in one way or several, and by its peers: first the same numbers, then the times. */
import { RunError } from '../base/errors.ts';
import { measure, type MeasureOptions, type Timing } from './harness.ts';
import { CompetitorError, type Remote } from './competitor.ts';
import { boundOf, type Roofline } from './roofline.ts';
import { type Comparison, type Failure, type Report, type Row, workOf } from './report/report.ts';
import type { Counts, Work } from './works/work.ts';

/** What a peer runs on: our goals differ. */
export type PeerKind = 'webgpu' | 'wasm';

/** Another library: started when it is first needed; `drop` ends one that may be in no good state. */
export interface Peer {
  readonly kind: PeerKind;
  get(): Promise<Remote>;
  drop(): void;
}

export interface Entry {
  readonly name: string;
  readonly shape: string;
  readonly work: Work;
  /** Floating-point operations of one execution; left out where the competitor counts. */
  readonly flops?: number;
  /** Bytes that one execution reads and writes at least; left out where the competitor counts. */
  readonly bytes?: number;
  /** Our own ways to do it; the first is what the others are compared with, the fastest what peers are. */
  readonly variants?: readonly string[];
  /** How many times as long every other variant should take at least. */
  readonly variantGoal?: number;
  /** How many times as long a peer should take at least. */
  readonly goals?: Partial<Record<PeerKind, number>>;
}

export interface ContestOptions extends MeasureOptions {
  /** This library, in one of its ways. */
  ours(variant: string): Promise<Remote>;
  peers: readonly Peer[];
  roofline: Roofline;
  /** Whether drivers may use what they compiled another day; then a first execution says nothing. */
  shaderCache: boolean;
  /** Told what is going on, a line at a time. */
  note: (line: string) => void;
}

/** Of the largest number, between sums of up to some ten thousand products in different orders. */
const TOLERANCE = 1e-4;

/** Steps of a training before its loss is compared a second time: by then an update that differs shows. */
const STEPS = 5;

/** A competitor that has done the work once. */
interface Contestant {
  readonly remote: Remote;
  readonly firstMs: number;
  readonly values: readonly number[] | Float32Array;
}

/**
 * Measures every entry, all competitors in turns. A peer that fails is left out there, noted, and listed under
 * `failures`.
 *
 * @throws RunError if our own work fails, if a peer has another adapter, or if its numbers differ from ours.
 */
export async function contest(entries: readonly Entry[], options: ContestOptions): Promise<Report> {
  const { ours: oursIn, peers, roofline, shaderCache, note, ...measuring } = options;
  const rows: Row[] = [];
  const comparisons: Comparison[] = [];
  const failures: Failure[] = [];
  let adapter = '';

  for (const [i, entry] of entries.entries()) {
    note(`${i + 1}/${entries.length}  ${workOf(entry)}`);
    const variants = entry.variants ?? [''];
    const isAlone = variants.length + peers.length === 1;
    const ours: Contestant[] = [];
    for (const variant of variants) ours.push(await begin(await oursIn(variant), entry, { isAlone }));
    adapter = ours[0]!.remote.adapter!;

    const rivals: (Contestant & { kind: PeerKind })[] = [];
    for (const peer of peers) {
      try {
        rivals.push({ ...(await begin(await peer.get(), entry, { isAlone })), kind: peer.kind });
      } catch (error) {
        if (!(error instanceof CompetitorError)) throw error;
        note(`left out: ${error.message}`);
        failures.push({ work: workOf(entry), name: error.competitor, reason: error.reason });
        peer.drop();
      }
    }
    const all = [...ours, ...rivals];
    for (const other of all.slice(1)) checkSame(entry, ours[0]!, other);

    const timings = await measure(
      all.map(({ remote }) => clockOf(entry, remote)),
      measuring,
    );
    const own: Row[] = [];
    for (const [j, variant] of variants.entries()) {
      const counts = await ours[j]!.remote.counts();
      const first = shaderCache ? {} : { firstMs: ours[j]!.firstMs };
      own.push({ ...rowOf(entry, timings[j]!, { variant, counts, roofline }), ...first });
    }
    for (const row of own.slice(1)) Object.assign(row, compared(row.ms / own[0]!.ms, entry.variantGoal));
    rows.push(...own);
    const best = Math.min(...own.map(({ ms }) => ms));
    for (const [j, { remote, firstMs, kind }] of rivals.entries()) {
      const { ms, spread } = timings[variants.length + j]!;
      const goal = entry.goals?.[kind];
      const result = { work: workOf(entry), ours: best, peer: ms, name: remote.name, spread, firstMs };
      comparisons.push({ ...result, ...compared(ms / best, goal) });
    }
  }
  return { adapter, roofline, rows, peers: comparisons, failures };
}

/** Alone there is nothing that numbers could be compared with. */
async function begin(remote: Remote, entry: Entry, { isAlone }: { isAlone: boolean }): Promise<Contestant> {
  const { work } = entry;
  await remote.prepare(work);
  const firstMs = await remote.sample(1);
  const values = isAlone ? [] : await remote.result();
  if (work.kind !== 'training' || isAlone) return { remote, firstMs, values };
  await remote.sample(STEPS - 1);
  const [loss] = await remote.result();
  // Another batch may have another loss; on the same one a loss that does not fall was not trained on.
  if (!work.gathers && !(loss! < values[0]!)) {
    throw new RunError(
      `${workOf(entry)}: ${remote.name}: the loss was ${values[0]}, and is ${loss} after ${STEPS} steps`,
    );
  }
  return { remote, firstMs, values: [values[0]!, loss!] };
}

/** Kernels by themselves are timed by the adapter's clock. */
export function clockOf({ work }: Entry, remote: Remote): Pick<Remote, 'sample'> {
  return work.kind === 'case' ? { sample: (runs) => remote.gpuSample(runs) } : remote;
}

function rowOf(
  { name, shape, ...entry }: Entry,
  timing: Timing,
  { variant, counts, roofline }: { variant: string; counts: Counts | undefined; roofline: Roofline },
): Row {
  const flops = entry.flops ?? counts?.flops ?? 0;
  const bytes = entry.bytes ?? counts?.bytes ?? 0;
  const { bound, leastMs } = boundOf({ flops, bytes, dispatches: counts?.dispatches }, roofline);
  const rates = {
    gflops: flops / timing.ms / 1e6,
    gbs: bytes / timing.ms / 1e6,
    intensity: flops / bytes,
    percentOfLimit: (100 * leastMs) / timing.ms,
    bound,
  };
  const { dispatches, submits, encodeMs, clock = 'host' } = counts ?? {};
  return { name, shape, variant, ...timing, ...rates, clock, dispatches, submits, encodeMs };
}

function compared(ratio: number, goal: number | undefined): { ratio: number; goal?: number } {
  return goal === undefined ? { ratio } : { ratio, goal };
}

/** A race is only one on the same adapter and to the same numbers. */
function checkSame(
  entry: Entry,
  { remote: ours, values }: Contestant,
  { remote, ...other }: Contestant,
): void {
  if (remote.adapter !== undefined && remote.adapter !== ours.adapter) {
    throw new RunError(`${remote.name} runs on '${remote.adapter}', ${ours.name} on '${ours.adapter}'`);
  }
  const difference = differenceOf(other.values, values);
  if (!difference) return;
  throw new RunError(`${workOf(entry)}: ${remote.name} differs from ${ours.name}: ${difference}`);
}

/** Where two results differ by more than the tolerance, in words; undefined if nowhere. */
export function differenceOf(got: ArrayLike<number>, wanted: ArrayLike<number>): string | undefined {
  if (got.length !== wanted.length) return `${got.length} numbers instead of ${wanted.length}`;
  let largest = 0;
  for (let i = 0; i < wanted.length; i++) largest = Math.max(largest, Math.abs(wanted[i]!));
  for (let i = 0; i < wanted.length; i++) {
    // Written so that NaN is a difference.
    if (Math.abs(got[i]! - wanted[i]!) <= TOLERANCE * largest) continue;
    return `${got[i]} instead of ${wanted[i]} at ${i} (largest ${largest})`;
  }
  return undefined;
}
