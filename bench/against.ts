/**
 * Two checkouts of this library side by side: each does the works of a suite with its own sources, in processes of its
 * own, and they take turns batch by batch. Works are plain data, and what does them is each checkout's `ours.ts`;
 * so the other may be older than this command.
 */
import { existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { RunError, UserError } from '../base/errors.ts';
import { CompetitorError, type Remote } from './competitor.ts';
import { clockOf, differenceOf, type Entry } from './contest.ts';
import { confirmed, measurePairs, type PairTiming, type Verdict, verdictOf } from './pairs.ts';
import { openPool } from './pool.ts';
import { workOf } from './report/report.ts';

export interface AgainstOptions {
  /** Folder of the other checkout. */
  folder: string;
  pairs: number;
  /** How many times as long is slower. */
  limit: number;
  /** What one batch should take at least. */
  sampleMs: number;
  /** Told what is going on, a line at a time. */
  note: (line: string) => void;
}

export interface AgainstRow extends PairTiming {
  readonly name: string;
  readonly shape: string;
  readonly variant: string;
  readonly verdict: Verdict;
  /** In words, where the results of the two are not the same. */
  readonly difference?: string;
}

/** A work that one of the two could not do. */
export interface AgainstFailure {
  readonly work: string;
  readonly where: Side;
  readonly reason: string;
}

export interface AgainstReport {
  readonly adapter: string;
  readonly limit: number;
  readonly rows: readonly AgainstRow[];
  readonly failures: readonly AgainstFailure[];
}

/** A package that the library cannot do without. */
const NEEDED = 'wgsl-preprocessor';

const HERE = new URL('./works/ours.ts', import.meta.url);
/** Where a checkout has it: this one, and those from before benchmarks had folders. */
const PLACES = ['bench/works/ours.ts', 'bench/ours.ts'];

/** What does the works in another checkout. @throws UserError if the folder is none, or lacks its npm packages. */
export function moduleIn(folder: string): URL {
  const path = resolve(folder);
  const module = PLACES.map((place) => join(path, place)).find((file) => existsSync(file));
  if (!existsSync(path) || !statSync(path).isDirectory())
    throw new UserError(`--against ${folder}: there is no such folder`);
  if (module === undefined)
    throw new UserError(`--against ${folder}: wants a checkout of limbeck, which has a ${PLACES[0]}`);
  const found = createRequire(module).resolve.paths(NEEDED) ?? [];
  if (!found.some((packages) => existsSync(join(packages, NEEDED)))) {
    const packages = fileURLToPath(new URL('../node_modules', import.meta.url));
    throw new UserError(
      `--against ${folder}: its npm packages are missing; run npm ci there, or, with the same package-lock.json, ` +
        `ln -s ${packages} ${join(path, 'node_modules')}`,
    );
  }
  return pathToFileURL(module);
}

/**
 * Measures every entry in all its variants. A work that one of the two cannot do is noted and listed under `failures`.
 *
 * @throws RunError if the two run on different adapters.
 */
export async function runAgainst(
  entries: readonly Entry[],
  { folder, pairs, limit, sampleMs, note }: AgainstOptions,
): Promise<AgainstReport> {
  const modules = { here: HERE, there: moduleIn(folder) };
  const pool = openPool({ shaderCache: true });
  const rows: AgainstRow[] = [];
  const failures: AgainstFailure[] = [];
  let adapter = '';
  const works = entries.flatMap((entry) =>
    (entry.variants ?? ['']).map((variant) => ({ entry, variant, title: titleOf(entry, variant) })),
  );
  try {
    for (const [i, { entry, variant, title }] of works.entries()) {
      note(`${i + 1}/${works.length}  ${title}`);
      const begun = async (side: Side): Promise<Begun> => {
        try {
          return await begin(await pool.get({ module: modules[side], variant }), entry);
        } catch (error) {
          if (!(error instanceof CompetitorError)) throw error;
          throw new SideError(side, error.reason);
        }
      };
      const drop = (side: Side) => pool.drop({ module: modules[side], variant });
      const measured = async (order: readonly Side[]) => {
        const both = new Map<Side, Begun>();
        for (const side of order) both.set(side, await begun(side));
        const [here, there] = [both.get('here')!, both.get('there')!];
        checkAdapters(here.remote, there.remote);
        const clocks = [clockOf(entry, here.remote), clockOf(entry, there.remote)] as const;
        return { here, there, timing: await measurePairs(...clocks, { pairs, sampleMs }) };
      };
      try {
        const { here, there, timing: first } = await measured(SIDES);
        adapter = here.remote.adapter!;
        const timing = await confirmed(first, limit, async (done) => {
          note(`  ${verdictOf(first, limit)}? again in fresh processes`);
          SIDES.forEach(drop);
          return (await measured(done % 2 === 0 ? SIDES : SIDES.toReversed())).timing;
        });
        const difference = differenceOf(here.values, there.values);
        const { name, shape } = entry;
        const verdict = verdictOf(timing, limit);
        rows.push({ name, shape, variant, ...timing, verdict, ...(difference ? { difference } : {}) });
      } catch (error) {
        if (!(error instanceof SideError)) throw error;
        note(`left out: ${error.side}: ${error.message}`);
        failures.push({ work: title, where: error.side, reason: error.message });
        drop(error.side);
      }
    }
  } finally {
    pool.stop();
  }
  return { adapter, limit, rows, failures };
}

type Side = 'here' | 'there';
const SIDES: readonly Side[] = ['here', 'there'];

/** A competitor that has done the work once, and the numbers of that time. */
interface Begun {
  readonly remote: Remote;
  readonly values: Float32Array;
}

/** What one of the two could not do. */
class SideError extends Error {
  readonly side: Side;

  constructor(side: Side, reason: string) {
    super(reason);
    this.side = side;
  }
}

/** With its way, where there are several. */
export function titleOf(entry: Pick<Entry, 'name' | 'shape'>, variant: string): string {
  return variant === '' ? workOf(entry) : `${workOf(entry)}, ${variant}`;
}

/** The first execution compiles, and its numbers are the ones that both can have in common. */
async function begin(remote: Remote, { work }: Entry): Promise<Begun> {
  await remote.prepare(work);
  await remote.sample(1);
  return { remote, values: await remote.result() };
}

function checkAdapters(here: Remote, there: Remote): void {
  if (here.adapter === there.adapter) return;
  throw new RunError(
    `the other checkout runs on '${there.adapter}', this one on '${here.adapter}': nothing to compare`,
  );
}
