/** What the page knows of a training: all that the worker has reported, in the shape in which it is shown and saved. */
import type { CurvePoint, MethodResult, SeedResult, StudyConfig, Summary } from '../../study/results.ts';
import { allRows, rowInFiles } from '../../study/rows.ts';
import { summarise } from '../../study/summary.ts';
import type { DeviceInfo, PointEvent, ProgressEvent, StudyPlan } from '../../study/study-types.ts';
import type { FailureKind, TrainingNews } from './protocol.ts';

export type RunStatus = 'starting' | 'training' | 'stopping' | 'stopped' | 'finished' | 'failed';

type Fit = MethodResult['fit'];
type Points = SeedResult['points'];

/** One seed, however far it has come. */
export interface SeedView {
  points: Points;
  /** By method, in the order of training: the present fit of each network. */
  readonly fits: Map<string, Fit>;
  readonly curves: Map<string, CurvePoint[]>;
  readonly networks: Map<string, MethodResult>;
}

export class Run {
  readonly config: StudyConfig;
  readonly seeds = new Map<number, SeedView>();
  /** Files of the deployed networks by name. */
  readonly weights = new Map<string, Uint8Array>();
  /** In the order in which they came: the lines of metrics.jsonl. */
  readonly points: PointEvent[] = [];
  readonly #now: () => number;
  readonly #finished = new Map<number, SeedResult>();
  status: RunStatus = 'starting';
  device: DeviceInfo | undefined;
  progress: ProgressEvent | undefined;
  failure: { kind: FailureKind; message: string } | undefined;
  #steps = 0;
  /** Of seeds that an earlier worker has finished. */
  #stepsBefore = 0;
  #dispatches = 0;
  #dispatchesBefore = 0;
  /** When and at which step the clock last started. */
  #since: { time: number; step: number } | undefined;
  #measured = { ms: 0, steps: 0 };

  constructor(config: StudyConfig, now: () => number = () => performance.now()) {
    this.config = config;
    this.#now = now;
  }

  hear(news: TrainingNews): void {
    switch (news.type) {
      case 'device':
        this.device = news.info;
        return;
      case 'plan':
        return this.#plan(news.plan);
      case 'labels':
        this.#seed(news.event.seed).points = news.event.points;
        return;
      case 'fit':
        this.#seed(news.event.seed).fits.set(news.event.method, news.event.fit);
        return;
      case 'point':
        return this.#point(news.point);
      case 'progress':
        return this.#advance({ ...news.event, doneSteps: this.#stepsBefore + news.event.doneSteps });
      case 'network':
        this.#seed(news.result.seed).networks.set(news.result.method, news.result);
        this.#seed(news.result.seed).fits.set(news.result.method, news.result.fit);
        this.weights.set(weightsName(news.result), news.weights);
        return;
      case 'seed':
        this.#finished.set(news.seed.seed, news.seed);
        this.#dispatches = this.#dispatchesBefore + news.dispatches;
        return;
      default:
        return this.#turn(news);
    }
  }

  /** How much of it is done, 0 to 1. */
  get share(): number {
    if (this.status === 'finished') return 1;
    return this.#steps > 0 ? (this.progress?.doneSteps ?? this.#stepsBefore) / this.#steps : 0;
  }

  /** Milliseconds a step (of one seed), once measured. */
  get msPerStep(): number | undefined {
    return this.#measured.steps > 0 ? this.#measured.ms / this.#measured.steps : undefined;
  }

  get secondsLeft(): number | undefined {
    const left = this.#steps - (this.progress?.doneSteps ?? 0);
    return this.msPerStep === undefined ? undefined : (left * this.msPerStep) / 1000;
  }

  get finishedSeeds(): number {
    return this.#finished.size;
  }

  /** Finished seeds, and of the others what there is. */
  get results(): SeedResult[] {
    const order = allRows(this.config);
    return [...this.seeds]
      .filter(([, { networks }]) => networks.size > 0)
      .map(([seed, { points, networks }]) => ({
        seed,
        points,
        mask: { precision: null, recall: null },
        results: order.flatMap((method) => networks.get(method) ?? []),
        ...this.#finished.get(seed),
      }));
  }

  /** Finished networks in the order in which they came. */
  get networks(): MethodResult[] {
    return [...this.seeds.values()].flatMap(({ networks }) => [...networks.values()]);
  }

  /** Of what is finished so far; undefined before the first network. */
  get summary(): Summary | undefined {
    if (!this.device || this.weights.size === 0) return undefined;
    const interrupted = this.status !== 'finished';
    return summarise(
      this.config,
      { ...this.device, dispatches: this.#dispatches, interrupted },
      this.results,
    );
  }

  /**
   * After a lost device: forgets the seeds that were not finished, which start anew, and returns what is left to train.
   * A seed gives the same bits alone, so nothing else changes.
   */
  rest(): StudyConfig {
    for (const seed of [...this.seeds.keys()].filter((key) => !this.#finished.has(key))) {
      for (const network of this.seeds.get(seed)!.networks.values())
        this.weights.delete(weightsName(network));
      this.seeds.delete(seed);
    }
    const kept = this.points.filter(({ seed }) => this.#finished.has(seed));
    this.points.splice(0, this.points.length, ...kept);
    this.#stepsBefore = Math.round((this.#steps * this.#finished.size) / this.config.seeds);
    this.#dispatchesBefore = this.#dispatches;
    this.#since = undefined;
    this.progress = undefined;
    this.failure = undefined;
    this.status = 'starting';
    const done = this.#finished.size;
    return { ...this.config, seed: this.config.seed + done, seeds: this.config.seeds - done };
  }

  #turn(news: Extract<TrainingNews, { type: 'paused' | 'resumed' | 'finished' | 'failed' }>): void {
    if (news.type === 'finished') this.#dispatches = this.#dispatchesBefore + news.dispatches;
    if (news.type === 'failed') this.failure = { kind: news.kind, message: news.message };
    if (news.type === 'paused') this.#since = undefined;
    this.status = news.type === 'paused' ? 'stopped' : news.type === 'resumed' ? 'training' : news.type;
  }

  #plan({ steps }: StudyPlan): void {
    this.#steps = this.#stepsBefore + steps;
  }

  #point(point: PointEvent): void {
    this.points.push(point);
    const { curves } = this.#seed(point.seed);
    const curve = curves.get(point.method) ?? [];
    const { step, loss, testRmse, testError } = point;
    curve.push({
      ...{ step, loss },
      ...(testRmse === undefined ? {} : { testRmse }),
      ...(testError === undefined ? {} : { testError }),
    });
    curves.set(point.method, curve);
  }

  #advance(event: ProgressEvent): void {
    const time = this.#now();
    if (this.#since) {
      this.#measured.ms += time - this.#since.time;
      this.#measured.steps += event.doneSteps - this.#since.step;
    }
    this.#since = { time, step: event.doneSteps };
    this.progress = event;
    if (this.status === 'starting') this.status = 'training';
  }

  #seed(seed: number): SeedView {
    const known = this.seeds.get(seed);
    if (known) return known;
    const points: Points = { against: 'input', x: [], y: [], outlier: null, rejected: [] };
    const made: SeedView = { points, fits: new Map(), curves: new Map(), networks: new Map() };
    this.seeds.set(seed, made);
    return made;
  }
}

/** As in a run folder. */
export function weightsName({ method, seed }: Pick<MethodResult, 'method' | 'seed'>): string {
  return `${rowInFiles(method)}-seed${seed}.safetensors`;
}
