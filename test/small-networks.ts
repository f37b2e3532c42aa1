/** One training twice, by ordinary steps and by the kernel of small networks, to be compared to the bit. */
import { inject } from 'vitest';
import { Batches } from '../engine/data/batches.ts';
import { MetricRing } from '../engine/data/metric-ring.ts';
import type { GpuBackend } from '../engine/gpu/gpu.ts';
import { gradientsOf } from '../engine/optim/flat-optimizer.ts';
import { adam, adamW, type Optimizer, type Parameters, rmsProp, sgd } from '../engine/optim/optim.ts';
import { cosine, type Schedule } from '../engine/optim/schedules.ts';
import { SmallNetworkTraining } from '../engine/small/small-training.ts';
import type { StepSlot } from '../engine/step.ts';
import { type Tensor, tidy } from '../engine/tensor.ts';
import type { Loss } from '../losses/loss.ts';
import type { Activation } from '../models/layers.ts';
import { dualHead, mlp } from '../models/mlp.ts';
import { noise } from '../kernels/random/random-host.ts';

/** Deno has no subgroups, without which there is no such kernel: trainings go by ordinary steps, which have tests of their own. */
export const hasNoSubgroups = inject('host') === 'deno';

export interface SmallCase {
  widths: readonly number[];
  inputs?: number;
  outputs?: number;
  activation?: Activation;
  /** Of predictions and columns of the batch: one head, or two where it reads 'teacherPred'. */
  loss: Loss<string, string>;
  params?: Readonly<Record<string, number | ((step: number) => number)>>;
  optimizer?: 'adam' | 'adamW' | 'sgd' | 'rmsProp';
  options?: Readonly<Record<string, number>>;
  learningRate?: number | Schedule;
  /** Left out: one model, without an axis of seeds. */
  seeds?: number;
  rows?: number;
  batch?: number;
  steps?: number;
  /** Of a dispatch. */
  most?: number;
  /** Changes the numbers of a column before they are used. */
  damage?: (column: string, values: Float32Array) => void;
}

const optimizers: Record<string, (parameters: Parameters, options: object) => Optimizer> = {
  adam,
  adamW,
  sgd,
  rmsProp,
};

export interface Outcome {
  losses: number[][];
  /** Parameters, moments and the latch, by name. */
  state: Record<string, Float32Array | Uint32Array>;
  updates: number;
  step: number;
}

/** Both ways, each with networks, batches and an optimiser of its own. */
export async function bothWays(gpu: GpuBackend, given: SmallCase): Promise<[Outcome, Outcome]> {
  return [await train(gpu, given, false), await train(gpu, given, true)];
}

/** Names of what differs in its bits, and where first. */
export function differences(a: Outcome, b: Outcome): string[] {
  const bitsOf = (x: ArrayLike<number>) => new Uint32Array(Float32Array.from(x).buffer);
  const found: string[] = [];
  const compare = (name: string, x: ArrayLike<number>, y: ArrayLike<number>) => {
    const [p, q] = [bitsOf(x), bitsOf(y)];
    const at = p.findIndex((bits, i) => bits !== q[i] && !(Number.isNaN(x[i]) && Number.isNaN(y[i])));
    if (p.length !== q.length || at >= 0) {
      const count = p.reduce((sum, bits, i) => sum + Number(bits !== q[i]), 0);
      found.push(`${name}: ${count} of ${p.length}, first at ${at}: ${x[at]} and ${y[at]}`);
    }
  };
  for (const [s, losses] of a.losses.entries()) compare(`losses of seed ${s}`, losses, b.losses[s]!);
  for (const [name, x] of Object.entries(a.state)) compare(name, x, b.state[name]!);
  if (a.updates !== b.updates || a.step !== b.step)
    found.push(`updates ${a.updates} and ${b.updates}, steps ${a.step} and ${b.step}`);
  return found;
}

export async function train(gpu: GpuBackend, given: SmallCase, isSmall: boolean): Promise<Outcome> {
  const { widths, inputs = 1, outputs = 1, activation = 'tanh', loss, params = {}, seeds, rows = 50 } = given;
  const { batch = 16, steps = 12, most = 5, optimizer: kind = 'adam', options = {}, damage } = given;
  const { learningRate = cosine(1e-2, { updates: 40 }) } = given;
  gpu.step.reset();
  const seed = seeds === undefined ? 3 : [...Array(seeds).keys()];
  const names = loss.definition.inputs.filter((name) => !/^pred$|Pred$/.test(name));
  const hasTwo = loss.definition.inputs.includes('teacherPred');
  const made = { backend: gpu, inputs, outputs, widths, activation, seed };
  const one = hasTwo ? undefined : mlp(made);
  const two = hasTwo ? dualHead(made) : undefined;
  const parameters = (one ?? two)!.parameters;
  const column = (name: string, width: number, i: number) => {
    const values = Float32Array.from(noise((seeds ?? 1) * rows * width, 10 + i), (u) =>
      name === 'outlier' ? Number(u > 0.6) : name === 'attention' ? Math.abs(u) : 2 * u,
    );
    damage?.(name, values);
    return [name, { values, width }] as const;
  };
  const columns = [column('x', inputs, 0), ...names.map((name, i) => column(name, outputs, i + 1))];
  const batches = new Batches(Object.fromEntries(columns), gpu, { batchSize: batch, seed });
  const optimizer = optimizers[kind]!(parameters, { learningRate, ...options, ...(seeds ? { seeds } : {}) });
  const slots: StepSlot[] = [];
  const values = Object.fromEntries(
    Object.entries(params).map(([key, value]) => {
      if (typeof value === 'number') return [key, value];
      const slot = gpu.step.slot(value);
      slots.push(slot);
      return [key, slot];
    }),
  );
  const lossOf = (drawn: Record<string, Tensor>) => {
    const heads = two ? two.forward(drawn.x!) : { pred: one!.forward(drawn.x!) };
    return loss({ ...drawn, ...heads }, values, { leadingAxes: seeds === undefined ? 0 : 1 });
  };
  const ring = new MetricRing(steps, gpu, { count: seeds ?? 1 });
  if (isSmall) {
    const small = await SmallNetworkTraining.of({
      backend: gpu,
      batches,
      optimizer,
      loss: lossOf,
      ring,
      mostSteps: most,
    });
    for (let done = 0; done < steps; ) {
      const count = Math.min(small.mostSteps, steps - done);
      small.run(done, count);
      done += count;
    }
    small.dispose();
  } else {
    for (let done = 0; done < steps; done++) {
      batches.prepare(done);
      gpu.step.begin();
      tidy(() => {
        const value = lossOf(batches.batch());
        optimizer.step(gradientsOf(optimizer, value));
        ring.store(value);
      });
    }
  }
  const state: Outcome['state'] = {};
  for (const [name, x] of Object.entries(optimizer.state)) {
    const data = await x.data();
    state[name] = data instanceof Uint32Array ? data : Float32Array.from(data);
  }
  const outcome = {
    losses: await ring.read(1, steps),
    state,
    updates: optimizer.updates,
    step: gpu.step.number,
  };
  for (const slot of slots) slot.free();
  for (const held of [ring, batches, optimizer, ...Object.values(parameters)]) held.dispose();
  return outcome;
}
