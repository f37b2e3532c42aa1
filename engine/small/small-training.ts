/** Trains a small network by one kernel, many steps a dispatch, with every bit of the ordinary steps. */
import { type Lanes, parametersOf, type SmallTraining } from '../../kernels/small-network/description.ts';
import { layoutOf } from '../../kernels/small-network/layout.ts';
import { lossUniform } from '../../kernels/small-network/loss-value.ts';
import { PLACE_WORDS, fastNetworkKernel } from '../../kernels/small-network/small-network.ts';
import { updateUniform } from '../../kernels/small-network/update.ts';
import type { Kernel } from '../../kernels/kernel.ts';
import { restName, restsIn } from '../../kernels/training/fused-loss.ts';
import { PADDING } from '../../kernels/training/optimizer.ts';
import { getOrMake } from '../../kernels/get-or-make.ts';
import type { Backend } from '../backend.ts';
import type { Batches } from '../data/batches.ts';
import type { MetricRing } from '../data/metric-ring.ts';
import { dispatch, rehearse } from '../dispatch.ts';
import { FlatOptimizer } from '../optim/flat-optimizer.ts';
import type { Optimizer } from '../optim/options.ts';
import { type Tensor, tidy } from '../tensor.ts';
import { type DescribedStep, describeStep, NotSmall } from './describe-step.ts';
import { lanesOf } from './lanes.ts';
import { Work } from './work.ts';

export { NotSmall };

/** Products of a dispatch, about: more would keep the adapter, and whoever wants to stop, waiting. */
const MOST_PRODUCTS = 2e9;

export interface SmallNetworkOptions {
  readonly backend: Backend;
  readonly batches: Batches<string>;
  readonly optimizer: Optimizer;
  /** The loss of a batch, as in `train`. Called once; nothing of it is carried out. */
  loss(batch: Record<string, Tensor>): Tensor;
  /** Where each step's loss goes. */
  readonly ring: Pick<MetricRing, 'values'>;
  /** Of a dispatch. */
  readonly mostSteps: number;
}

type Training = Omit<SmallTraining, 'turn'>;

const kernels = new Map<string, Kernel | undefined>();

export class SmallNetworkTraining {
  /** Steps of a dispatch at most. */
  readonly mostSteps: number;
  readonly #given: Omit<SmallNetworkOptions, 'loss'> & { readonly optimizer: FlatOptimizer };
  readonly #kernel: Kernel;
  readonly #uniforms: Record<string, number>;
  readonly #work: Work;

  /** @throws NotSmall, saying why these steps are not of this form or the adapter cannot do it. */
  static async of(given: SmallNetworkOptions): Promise<SmallNetworkTraining> {
    const { backend, batches, optimizer, loss } = given;
    const lanes = await lanesOf(backend);
    let described: DescribedStep | undefined;
    batches.prepare(0);
    rehearse(() =>
      tidy(() => {
        const batch = batches.batch();
        described = describeStep({ loss: loss(batch), batch, optimizer: flat(optimizer) });
      }),
    );
    return SmallNetworkTraining.as(described!, { ...given, lanes });
  }

  /** Of a step that was described. @throws NotSmall. */
  static as(
    step: DescribedStep,
    given: Omit<SmallNetworkOptions, 'loss'> & { readonly lanes: Lanes },
  ): SmallNetworkTraining {
    const { batches, lanes } = given;
    const optimizer = flat(given.optimizer);
    checkOptimizer(optimizer, batches);
    const { values, wrt, element } = step.loss;
    const params = Object.keys(values);
    const stepParams = params.filter((key) => typeof values[key] !== 'number');
    const training: Training = {
      network: step.network,
      loss: { name: 'loss', inputs: step.lossInputs, wrt, params, stepParams, element },
      update: optimizer.text,
      isClipped: optimizer.uniforms[0]!['maxNorm']! > 0,
      batch: batches.batchSize,
      lanes,
    };
    return new SmallNetworkTraining({ ...given, optimizer }, step, training);
  }

  private constructor(
    given: Omit<SmallNetworkOptions, 'loss'> & { optimizer: FlatOptimizer },
    { columns, loss: noted }: DescribedStep,
    training: Training,
  ) {
    const { backend, batches, optimizer, mostSteps } = given;
    this.#given = given;
    const { network, loss } = training;
    const kernel = getOrMake(kernels, JSON.stringify(training), () => fastNetworkKernel(training));
    if (!kernel) throw new NotSmall('its kernel would take too long to compile');
    this.#kernel = kernel;
    const perStep = parametersOf(network) * batches.batchSize * batches.seeds.length * 6;
    this.mostSteps = Math.max(1, Math.min(mostSteps, Math.floor(MOST_PRODUCTS / perStep)));

    const slots: number[] = [];
    const slotOf = (index: number) => slots.push(index) - 1;
    const [own] = optimizer.uniforms;
    const { table, rows, batchSize, seeds, firstEpoch } = batches;
    const uniforms: Record<string, number> = {
      batch: batchSize,
      size: batchSize * network.outputs,
      rows,
      seeds: seeds.length,
      capacity: given.ring.values.shape[0]!,
      pitch: optimizer.rows.pitch,
      normBound: own!['normBound']!,
      maxNorm: own!['maxNorm']!,
      learningRate: slotOf(own!['learningRate']!),
      [updateUniform('weightDecay')]: own!['weightDecay']!,
    };
    for (const [c, name] of columns.entries()) {
      const column = table.columns.get(name);
      if (!column) throw new NotSmall(`column '${name}' is not of float32`);
      const width = c === 0 ? network.inputs : network.outputs;
      if (column.width !== width)
        throw new NotSmall(`column '${name}' is ${column.width} wide, not ${width}`);
      Object.assign(uniforms, { [`from${c}`]: column.from, [`width${c}`]: column.width });
    }
    for (const [key, type] of Object.entries(training.update.uniforms))
      uniforms[updateUniform(key)] = type === 'u32' ? slotOf(own![key]!) : own![key]!;
    const rests = restsIn(loss.element, loss.params);
    for (const key of loss.params) {
      const value = noted.values[key]!;
      const isNumber = typeof value === 'number';
      const number = isNumber ? value : slotOf(value.index);
      uniforms[lossUniform(key)] = number;
      if (rests.includes(key)) uniforms[lossUniform(restName(key))] = isNumber ? 1 - value : number;
    }
    uniforms.slots = slots.length;

    const { words, homes, numbers } = placesOf(training, optimizer);
    const shape = { seeds, rows, batch: batchSize, firstEpoch, slots, mostSteps: this.mostSteps };
    this.#work = new Work(backend, shape, words);
    const { tableAt, ring } = this.#work;
    Object.assign(uniforms, { ring, placesAt: tableAt, homes: tableAt + homes, numbers });
    this.#uniforms = uniforms;
  }

  /** Carries out `steps` steps, at most `mostSteps`, the first of which takes batch `from`. */
  run(from: number, steps: number): void {
    const { backend, batches, optimizer, ring } = this.#given;
    const { step } = backend;
    // Steps of others count for nothing, as in an ordinary update.
    const { updates } = optimizer;
    optimizer.updates = updates;
    this.#work.prepare(from, steps);
    dispatch(this.#kernel, {
      inputs: { data: batches.table.data!, work: this.#work.words, order: this.#work.order },
      uniforms: this.#uniforms,
      outputs: { ...optimizer.buffers, losses: ring.values },
      workgroups: batches.seeds.length,
    });
    step.begin(step.number + steps);
    optimizer.updates = updates + steps;
  }

  dispose(): void {
    this.#work.dispose();
  }
}

/** @throws NotSmall. */
export function flat(optimizer: Optimizer): FlatOptimizer {
  if (!(optimizer instanceof FlatOptimizer)) throw new NotSmall('the optimiser is several');
  return optimizer;
}

function checkOptimizer(optimizer: FlatOptimizer, batches: Batches<string>): void {
  if (optimizer.uniforms.length > 1) throw new NotSmall('parameters have different weight decays');
  if (optimizer.follower) throw new NotSmall('averages of the weights are kept');
  if ((optimizer.seeds ?? 1) !== batches.seeds.length)
    throw new NotSmall(
      `the optimiser has ${optimizer.seeds ?? 1} seeds, the batches ${batches.seeds.length}`,
    );
}

/**
 * Of each lane of each vector the number in the optimiser's rows, in its parameters, and how far seeds lie apart there; behind
 * them, from `homes` on, for each number of a row the lane that has it.
 */
function placesOf(
  { network, lanes }: Training,
  { rows, layout }: FlatOptimizer,
): { words: Uint32Array; homes: number; numbers: number } {
  const { places } = layoutOf(network, lanes);
  const numbers = places.length * lanes;
  const homes = numbers * PLACE_WORDS;
  const words = new Uint32Array(homes + rows.pitch).fill(PADDING);
  for (const [k, vector] of places.entries())
    for (const [lane, place] of vector.entries()) {
      if (!place) continue;
      const { parameter, element } = place;
      const home = rows.starts[parameter]! + element;
      const at = k * lanes + lane;
      words.set([home, layout.starts[parameter]! + element, rows.widths[parameter]!], at * PLACE_WORDS);
      words[homes + home] = at;
    }
  return { words, homes, numbers };
}
