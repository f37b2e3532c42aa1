/**
 * The kernel of small networks beside the captured step and, where a Python has it, PyTorch with two threads, in turns:
 * `npm run bench:small`. `--quick` says whether it runs. The driver's cache is off, so the first loss is a cold one. One execution is `STEPS` steps of every seed, with the host's work for them and one wait at the end of a sample.
 */
import { Batches } from '../engine/data/batches.ts';
import { MetricRing } from '../engine/data/metric-ring.ts';
import { capture } from '../engine/capture.ts';
import { type GpuBackend, openGpu } from '../engine/gpu/gpu.ts';
import { gradientsOf } from '../engine/optim/flat-optimizer.ts';
import { adam } from '../engine/optim/optim.ts';
import { cosine } from '../engine/optim/schedules.ts';
import { SmallNetworkTraining } from '../engine/small/small-training.ts';
import { uniformValues } from '../engine/random.ts';
import type { Tensor } from '../engine/tensor.ts';
import { mse } from '../losses/regression.ts';
import { torDualSmooth } from '../losses/tor-dual.ts';
import { dualHead, mlp } from '../models/mlp.ts';
import { type Contestant, measure, type Timing } from './harness.ts';
import { findTorch, torchJob } from './peers/torch.ts';

/** Steps of a dispatch, and of an execution of either. */
const STEPS = 100;
const ROWS = 500;

interface SmallWork {
  readonly name: string;
  readonly inputs: number;
  readonly widths: readonly number[];
  readonly hasTwoHeads: boolean;
  readonly batch: number;
  readonly seeds: number;
  /** How many times as fast as the captured step it is to be, and as PyTorch. */
  readonly goals?: readonly [number, number] | undefined;
  /** Milliseconds until the first loss, at most. */
  readonly firstMs: number;
}

const shapes = [
  {
    name: '1-16-16-(1, 1)',
    inputs: 1,
    widths: [16, 16],
    hasTwoHeads: true,
    batch: 128,
    firstMs: 600,
    goals: [
      [15, 15],
      [5, 2.5],
    ],
  },
  { name: '8-50-1', inputs: 8, widths: [50], hasTwoHeads: false, batch: 64, firstMs: 1500, goals: [] },
  {
    name: '13-32-32-1',
    inputs: 13,
    widths: [32, 32],
    hasTwoHeads: false,
    batch: 128,
    firstMs: 1500,
    goals: [],
  },
] as const;

const works: readonly SmallWork[] = shapes.flatMap(({ goals, ...shape }) =>
  [1, 32].map((seeds, i) => ({ ...shape, seeds, goals: goals[i] })),
);

interface Job extends Contestant {
  /** Milliseconds from its making until its first loss was there. */
  readonly firstMs: number;
  /** Of the time of all samples, what passed before JavaScript had nothing left to do but wait. */
  hostShare(): number;
  losses(): Promise<number[][]>;
  close(): void;
}

async function jobOf(gpu: GpuBackend, work: SmallWork, isSmall: boolean): Promise<Job> {
  const { inputs, widths, hasTwoHeads, batch } = work;
  const seed = [...Array(work.seeds).keys()];
  gpu.step.reset();
  const made = { backend: gpu, inputs, widths, seed };
  const two = hasTwoHeads ? dualHead(made) : undefined;
  const one = two ? undefined : mlp(made);
  const { parameters } = (two ?? one)!;
  const column = (width: number, of: (u: number) => number, of1 = 1) => ({
    values: seed.flatMap(() => [...uniformValues(ROWS * width, { seed: of1 })].map((u) => of(2 * u - 1))),
    width,
  });
  const columns = {
    x: column(inputs, (u) => u),
    label: column(1, (u) => Math.sin(3 * u)),
    teacher: column(1, (u) => Math.sin(3 * u)),
    outlier: column(1, (u) => Number(u > 0.6), 2),
  };
  const batches = new Batches(columns, gpu, { batchSize: batch, seed });
  const optimizer = adam(parameters, { learningRate: cosine(1e-2, { updates: 100_000 }), seeds: work.seeds });
  const loss = ({ x, label, teacher, outlier }: Record<string, Tensor>) =>
    two
      ? torDualSmooth(
          { ...two.forward(x!), label: label!, teacher: teacher!, outlier: outlier! },
          {},
          { leadingAxes: 1 },
        )
      : mse({ pred: one!.forward(x!), label: label! }, {}, { leadingAxes: 1 });
  const ring = new MetricRing(STEPS, gpu, { count: work.seeds });
  const began = performance.now();
  let done = 0;
  let run: (steps: number) => void;
  let close: () => void;
  if (isSmall) {
    const small = await SmallNetworkTraining.of({
      ...{ backend: gpu, batches, optimizer, loss, ring },
      mostSteps: STEPS,
    });
    run = (steps) => {
      for (let to = done + steps; done < to; ) {
        const count = Math.min(small.mostSteps, to - done);
        small.run(done, count);
        done += count;
      }
    };
    close = () => small.dispose();
  } else {
    const captured = capture(() => {
      const value = loss(batches.batch());
      optimizer.step(gradientsOf(optimizer, value));
      ring.store(value);
    }, gpu);
    run = (steps) => {
      for (let i = 0; i < steps; i++) {
        batches.prepare(done++);
        captured();
      }
    };
    close = () => captured.dispose();
  }
  run(1);
  await ring.values.data();
  const firstMs = performance.now() - began;
  run(STEPS - 1);
  const all = { host: 0, ms: 0 };
  return {
    firstMs,
    hostShare: () => all.host / all.ms,
    async sample(runs) {
      const from = performance.now();
      for (let i = 0; i < runs; i++) run(STEPS);
      all.host += performance.now() - from;
      await ring.values.data();
      const ms = performance.now() - from;
      all.ms += ms;
      return ms;
    },
    losses: () => ring.read(1, STEPS),
    close() {
      close();
      for (const held of [ring, batches, optimizer, ...Object.values(parameters)]) held.dispose();
    },
  };
}

function lineOf(name: string, { ms, minMs }: Timing, firstMs?: number): string {
  const micro = (value: number) => ((value * 1000) / STEPS).toFixed(1).padStart(9);
  const first = firstMs === undefined ? '' : `; first loss after ${firstMs.toFixed(0)} ms`;
  return `  ${name.padEnd(9)}${micro(ms)} µs a step${micro(minMs)} at least${first}`;
}

/** The first is the kernel. */
function ratioText(name: string, [kernel, other]: readonly [Timing, Timing], goal?: number): string {
  const ratio = other.ms / kernel.ms;
  const goalText = goal === undefined ? '' : `; goal ${goal}×: ${ratio >= goal ? 'met' : 'NOT MET'}`;
  return `  ${name}: ${ratio.toFixed(1)}× by medians, ${(other.minMs / kernel.minMs).toFixed(1)}× by minima${goalText}`;
}

function limitText(name: string, value: number, most: number, show: (value: number) => string): string {
  return `  ${name}: ${show(value)}; goal at most ${show(most)}: ${value <= most ? 'met' : 'NOT MET'}`;
}

/** Of the kernel's time at 32 seeds, for JavaScript. */
const MOST_HOST = 0.1;

// Before the driver is loaded.
process.env['MESA_SHADER_CACHE_DISABLE'] ??= 'true';
const isQuick = process.argv.includes('--quick');
const gpu = await openGpu();
const torch = findTorch();
console.log(
  `${gpu.name}; ${torch ? `PyTorch ${torch.version}` : 'no PyTorch'}; ${STEPS} steps an execution, in turns`,
);
for (const work of works) {
  const jobs = [await jobOf(gpu, work, false), await jobOf(gpu, work, true)] as const;
  const [captured, small] = (await Promise.all(jobs.map((job) => job.losses()))).map((losses) =>
    JSON.stringify(losses),
  );
  if (captured !== small) throw new Error(`${work.name}: the losses differ`);
  const { inputs, widths, batch, seeds, hasTwoHeads, goals } = work;
  const same = { inputs, widths, batch, seeds, heads: hasTwoHeads ? 2 : 1, rows: ROWS };
  const peer = torch && torchJob(torch.python, same, STEPS);
  const measured = isQuick
    ? { sampleMs: 1, rounds: 1, budgetMs: 1 }
    : { sampleMs: 100, rounds: 9, budgetMs: 12_000 };
  const [slow, fast, theirs] = await measure([...jobs, ...(peer ? [peer] : [])], measured);
  console.log(`${work.name}, ${batch} rows, ${seeds} seeds: the same losses to the bit`);
  console.log(lineOf('captured', slow!, jobs[0].firstMs));
  console.log(lineOf('kernel', fast!, jobs[1].firstMs));
  if (theirs) console.log(lineOf('PyTorch', theirs));
  console.log(ratioText('captured step', [fast!, slow!], goals?.[0]));
  if (theirs) console.log(ratioText('PyTorch', [fast!, theirs], goals?.[1]));
  console.log(limitText('first loss', jobs[1].firstMs, work.firstMs, (ms) => `${ms.toFixed(0)} ms`));
  if (seeds > 1)
    console.log(limitText('JavaScript', jobs[1].hostShare(), MOST_HOST, (x) => `${(100 * x).toFixed(0)} %`));
  for (const job of [...jobs, ...(peer ? [peer] : [])]) job.close();
}
gpu.close();
