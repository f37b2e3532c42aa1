/** The results of a plan, complete or not, as rows: errors with intervals, and paired differences, a cell of the grid each. */
import type { Interval } from '../../base/statistics.ts';
import { confidenceInterval, mean, pairedDifference } from '../../base/statistics.ts';
import { methodOfRow } from '../rows.ts';
import { cellOf, methodLabel, type Plan, type PlannedRun } from './plan.ts';
import type { RunResult, Score } from './plan-folder.ts';

export type Values = Readonly<Record<string, string | number>>;

/** A combination of the grid without seeds and methods. */
export interface Cell {
  readonly key: string;
  readonly at: Values;
  readonly rows: readonly MergedRow[];
}

export interface MergedRow {
  readonly method: string;
  readonly metric: string;
  readonly error: Interval;
  /** Null of a teacher that is known by its predictions alone. */
  readonly params: number | null;
  /** Error by seed, in ascending order of seeds. */
  readonly perSeed: ReadonlyMap<number, number>;
  /** Of students that a teacher teaches: their imitation loss to it, likewise; else empty. */
  readonly imitation: ReadonlyMap<number, number>;
  /** To the study's baseline. */
  readonly toBaseline: Comparison | undefined;
  /** Of a method 'a+b' to 'a'. */
  readonly toOwn: Comparison | undefined;
}

export interface Comparison {
  readonly baseline: string;
  /** Method minus baseline, seed by seed. */
  readonly difference: Interval;
  /** How much smaller the error is than the baseline's mean: a share; its interval is that of the difference, scaled. */
  readonly reduction: Interval;
}

export interface Merged {
  readonly plan: Plan;
  readonly cells: readonly Cell[];
  /** In the order of the grid, the teacher first. */
  readonly methods: readonly string[];
  readonly missing: readonly PlannedRun[];
  readonly failed: readonly { readonly run: PlannedRun; readonly message: string }[];
  /** Adapters that results come from. */
  readonly adapters: readonly string[];
}

export function merge(plan: Plan, resultOf: (id: string) => RunResult | undefined): Merged {
  const runs = plan.runs.map((run) => ({ run, result: resultOf(run.id) }));
  const grouped = new Map<string, typeof runs>();
  for (const each of runs) {
    const { key } = cellOf(each.run);
    grouped.set(key, [...(grouped.get(key) ?? []), each]);
  }
  const cells = [...grouped].map(([key, members]) => ({
    key,
    at: cellOf(members[0]!.run).at,
    rows: rowsOf(plan, members),
  }));
  const labels = runs.flatMap(labelsOf);
  const found = new Set(cells.flatMap(({ rows }) => rows.map(({ method }) => method)));
  const teachers = [...found].filter((method) => !labels.includes(method));
  return {
    plan,
    cells,
    methods: [...teachers, ...new Set(labels)].filter((method) => found.has(method)),
    missing: runs.filter(({ result }) => result === undefined).map(({ run }) => run),
    failed: runs.flatMap(({ run, result }) =>
      result?.error ? [{ run, message: result.error.message }] : [],
    ),
    adapters: [...new Set(runs.flatMap(({ result }) => (result ? [result.adapter] : [])))].toSorted(),
  };
}

/** Teachers have another size, and are compared with nobody. */
export function isTeacher(method: string): boolean {
  return /^teacher( |$)/.test(method);
}

/**
 * Of 'a+b' 'a', and of 'a+b (student mlp:25)' 'a (student mlp:25)', with that teacher's name; undefined of methods without
 * add-ons.
 */
export function ownBase(label: string): { name: string; teacher: string } | undefined {
  const [, name, rest = ''] = /^([^+\s]+)\+\S+( .*)?$/.exec(label) ?? [];
  return name === undefined ? undefined : { name: `${name}${rest}`, teacher: `teacher${rest}` };
}

interface Member {
  run: PlannedRun;
  result: RunResult | undefined;
}

/** Of its methods; of one whose networks train together those rows that there are. */
function labelsOf({ run, result }: Member): string[] {
  const found = new Set(result?.seeds.flatMap(({ scores }) => scores.map(({ method }) => method)));
  return run.methods.flatMap((method) => {
    const rows = [...found].filter((row) => methodOfRow(row) === method);
    return (rows.length > 0 ? rows : [method]).map((row) => methodLabel(run, row));
  });
}

function rowsOf(plan: Plan, members: readonly Member[]): MergedRow[] {
  const scores = new Map<string, Map<number, Score>>();
  for (const { run, result } of members) {
    for (const { seed, scores: ofSeed } of result?.seeds ?? []) {
      for (const score of ofSeed) {
        const label = methodLabel(run, score.method);
        const bySeed = scores.get(label) ?? new Map<number, Score>();
        // Runs that differ in their methods have the same teacher.
        if (!bySeed.has(seed)) bySeed.set(seed, score);
        scores.set(label, bySeed);
      }
    }
  }
  const perSeed = new Map(
    [...scores].map(([method, bySeed]) => [
      method,
      new Map([...bySeed].toSorted(([a], [b]) => a - b).map(([seed, score]) => [seed, valueOf(score)])),
    ]),
  );
  const order = ['teacher', ...members.flatMap(labelsOf)];
  const scored = (method: string) => ({ method, perSeed: perSeed.get(method) });
  const compared = (method: string, baseline: string) =>
    method === baseline ? undefined : comparisonOf(scored(method), scored(baseline));
  const place = (method: string) => (order.indexOf(method) + order.length) % order.length;
  return [...perSeed]
    .toSorted(([a], [b]) => place(a) - place(b))
    .map(([method, values]) => {
      const [first] = scores.get(method)!.values();
      const own = ownBase(method);
      return {
        method,
        metric: first!.metric ?? (first!.angularError === undefined ? 'rmse' : 'angular error'),
        error: confidenceInterval([...values.values()]),
        params: first!.params,
        perSeed: values,
        imitation: imitationOf(scores.get(method)!),
        toBaseline: isTeacher(method) ? undefined : compared(method, plan.baseline),
        toOwn: own === undefined || own.name === plan.baseline ? undefined : compared(method, own.name),
      };
    });
}

function imitationOf(bySeed: ReadonlyMap<number, Score>): Map<number, number> {
  const known = [...bySeed].flatMap(([seed, { imitationLoss: loss }]) =>
    loss === undefined ? [] : [[seed, loss] as const],
  );
  return new Map(known.toSorted(([a], [b]) => a - b));
}

function valueOf({ score, angularError, rmse }: Score): number {
  return score ?? angularError ?? rmse ?? NaN;
}

interface Scored {
  readonly method: string;
  /** Undefined without results. */
  readonly perSeed: ReadonlyMap<number, number> | undefined;
}

/** Over the seeds that both have; undefined without any. */
export function comparisonOf(
  { perSeed: own }: Scored,
  { method, perSeed: base }: Scored,
): Comparison | undefined {
  if (!own || !base) return undefined;
  const shared = [...own.keys()].filter((seed) => base.has(seed));
  if (shared.length === 0) return undefined;
  const of = (values: ReadonlyMap<number, number>) => shared.map((seed) => values.get(seed)!);
  const difference = pairedDifference(of(own), of(base));
  const scale = mean(of(base));
  const { ci95, n } = difference;
  return {
    baseline: method,
    difference,
    reduction: {
      mean: -difference.mean / scale,
      ci95: ci95 && [-ci95[1] / scale, -ci95[0] / scale],
      n,
    },
  };
}
