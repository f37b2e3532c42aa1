/** The suites of the benchmark: which works, how each is measured, and against whom. */
import { coldStart } from './cold-start.ts';
import { contest, type ContestOptions, type Entry, type Peer, type PeerKind } from './contest.ts';
import { convEntries } from './works/conv.ts';
import type { MeasureOptions } from './harness.ts';
import { adapterLimits, KERNEL_MEASURING, kernelEntries } from './kernel-suite.ts';
import { type Contender, openPool, type Pool } from './pool.ts';
import type { Report } from './report/report.ts';
import type { Roofline } from './roofline.ts';
import type { TrainingWork } from './works/work.ts';

export type SuiteName = 'kernels' | 'conv' | 'training' | 'peers';

/** Another library, as a module that exports `open`. */
export interface PeerModule extends Contender {
  readonly kind: PeerKind;
}

const OURS = new URL('works/ours.ts', import.meta.url);

export interface SuiteOptions extends Pick<ContestOptions, 'note'> {
  peers: readonly PeerModule[];
  /** Small shapes and short samples: whether it runs, not how fast. */
  quick: boolean;
}

interface Suite {
  entries(options: { quick: boolean }): Entry[];
  readonly measuring: MeasureOptions;
  /** Whether what drivers keep on disk is used: without it a first execution says how long compiling takes. */
  readonly shaderCache: boolean;
  readonly hasPeers: boolean;
  readonly hasColdStart?: boolean;
}

const QUICK: MeasureOptions = { sampleMs: 1, rounds: 3, budgetMs: 500 };

export const SUITES: Readonly<Record<SuiteName, Suite>> = {
  kernels: {
    entries: kernelEntries,
    measuring: KERNEL_MEASURING,
    shaderCache: false,
    hasPeers: false,
  },
  conv: { entries: convEntries, measuring: {}, shaderCache: false, hasPeers: true },
  training: {
    entries: trainingEntries,
    measuring: { rounds: 9, budgetMs: 12_000 },
    shaderCache: true,
    hasPeers: false,
    hasColdStart: true,
  },
  // Peers compile for half a minute without the cache.
  peers: { entries: peerEntries, measuring: { budgetMs: 8000 }, shaderCache: true, hasPeers: true },
};

/** The reports of the suites in their order; the adapter's limits are measured once, before the first. */
export async function runSuites(
  names: readonly SuiteName[],
  { quick, peers, note }: SuiteOptions,
): Promise<Report> {
  let roofline: Roofline | undefined;
  const reports: Report[] = [];
  for (const name of names) {
    const { entries, measuring, shaderCache, hasPeers, hasColdStart } = SUITES[name];
    const pool = openPool({ shaderCache: shaderCache || quick });
    try {
      const ours = (variant: string) => pool.get({ module: OURS, variant });
      roofline ??= await adapterLimits(await ours(''), { quick, note });
      const options = {
        ours,
        peers: hasPeers ? peers.map((peer) => peerIn(pool, peer)) : [],
        roofline,
        shaderCache: shaderCache || quick,
        note,
        ...(quick ? QUICK : measuring),
      };
      const report = await contest(entries({ quick }), options);
      reports.push(hasColdStart ? { ...report, coldStart: coldStart({ quick, note }) } : report);
    } finally {
      pool.stop();
    }
  }
  return {
    adapter: reports[0]!.adapter,
    roofline: roofline!,
    rows: reports.flatMap(({ rows }) => rows),
    peers: reports.flatMap((report) => report.peers),
    failures: reports.flatMap(({ failures }) => failures),
    coldStart: reports.find((report) => report.coldStart)?.coldStart,
  };
}

function peerIn(pool: Pool, peer: PeerModule): Peer {
  return { kind: peer.kind, get: () => pool.get(peer), drop: () => pool.drop(peer) };
}

const NETWORKS: Readonly<
  Record<TrainingWork['network'], { title: string; quick: number[]; full: number[] }>
> = {
  mlp: { title: 'MLP 1-100-100-1', quick: [8, 8], full: [100, 100] },
  dual: { title: 'dual head 1-16-16, tor-dual', quick: [4, 4], full: [16, 16] },
  lenet: { title: 'LeNet', quick: [0.1], full: [1] },
  resnet: { title: 'ResNet-preact-8', quick: [0.25], full: [1] },
};

function trainingEntry(
  network: TrainingWork['network'],
  batch: number,
  given: Pick<TrainingWork, 'readsEach' | 'gathers'> & { quick: boolean; suffix?: string },
): Entry {
  const { quick, suffix = '', ...how } = given;
  const { title, ...widths } = NETWORKS[network];
  const rows = quick ? 4 : batch;
  const isImage = network === 'lenet' || network === 'resnet';
  return {
    name: `${quick ? `small ${title}` : title}, step of Adam${suffix}`,
    shape: isImage ? `${rows} of 36×60` : `${rows} rows`,
    work: { kind: 'training', network, batch: rows, widths: widths[quick ? 'quick' : 'full'], ...how },
  };
}

function seedsEntry({ quick }: { quick: boolean }): Entry {
  const { title, ...widths } = NETWORKS.dual;
  const [seeds, batch] = quick ? [3, 4] : [32, 128];
  return {
    name: `${seeds} seeds of ${quick ? `small ${title}` : title}, step of Adam`,
    shape: `${batch} rows`,
    work: { kind: 'seeds', seeds, batch, widths: widths[quick ? 'quick' : 'full'] },
    variants: ['as one model', 'one by one', 'one by one, eager'],
    variantGoal: 8,
  };
}

function trainingEntries({ quick }: { quick: boolean }): Entry[] {
  const how = { quick, readsEach: false, gathers: true };
  const variants = ['captured', 'eager', 'captured, composed loss'];
  const tables = [trainingEntry('mlp', 256, how), trainingEntry('dual', 128, how)];
  const images = [trainingEntry('lenet', 32, how), trainingEntry('resnet', 8, how)];
  return [
    ...tables.map((entry) => ({ ...entry, variants })),
    seedsEntry({ quick }),
    // Their kernels take seconds to compile.
    ...images.map((entry) => ({ ...entry, variants: quick ? variants.slice(0, 1) : variants })),
  ];
}

function peerEntries({ quick }: { quick: boolean }): Entry[] {
  const how = { quick, gathers: false };
  const steps = [
    trainingEntry('mlp', 256, { ...how, readsEach: true, suffix: ', loss read each step' }),
    trainingEntry('mlp', 256, { ...how, readsEach: false, suffix: ', loss read at the end' }),
    trainingEntry('lenet', 32, { ...how, readsEach: true, suffix: ', loss read each step' }),
  ];
  const products = (quick ? [8, 16] : [256, 512, 1024]).map((length): Entry => {
    const shape = `${length}×${length} by ${length}×${length}`;
    const work = { kind: 'matmul', m: length, n: length, k: length } as const;
    return {
      name: 'matmul',
      shape,
      work,
      flops: 2 * length ** 3,
      bytes: 12 * length ** 2,
      goals: { webgpu: 1.5 },
    };
  });
  return [
    ...steps.map((entry, i) => ({
      ...entry,
      variants: ['captured', 'eager'],
      goals: i < 2 ? { webgpu: 3, wasm: 1 } : { webgpu: 2 },
    })),
    ...products,
    ...convEntries({ quick }),
  ];
}
