/**
 * Whether a training step is one of a small network: found out from the tape of its loss, that is from what was recorded, and not
 * from what somebody says that it is.
 */
import type { HiddenLayer, LossInput, SmallNetwork } from '../../kernels/small-network/description.ts';
import { parametersOf } from '../../kernels/small-network/description.ts';
import { type SmallActivation, smallActivations } from '../../kernels/small-network/activations.ts';
import { MOST_ELEMENTS } from '../../kernels/small-network/loss-value.ts';
import type { FlatOptimizer } from '../optim/flat-optimizer.ts';
import { type NotedLoss, notedLoss } from '../noted-loss.ts';
import { show } from '../shape.ts';
import type { Tensor } from '../tensor.ts';

/** Numbers of a network at most: beyond, the kernel takes longer to compile than it saves. */
export const MOST_PARAMETERS = 1600;
/** Beyond so many terms ordinary products are added up in blocks. */
const WIDEST = 256;

export interface DescribedStep {
  readonly network: SmallNetwork;
  readonly loss: NotedLoss;
  readonly lossInputs: Readonly<Record<string, LossInput>>;
  /** Names of the batch's columns that are read; the network's input is the first. */
  readonly columns: readonly string[];
}

/** A training that is not of the form, in words that end 'the small-network kernel does not take …'. */
export class NotSmall extends Error {
  override readonly name = 'NotSmall';
}

interface Given {
  /** Recorded, and still alive. */
  readonly loss: Tensor;
  readonly batch: Readonly<Record<string, Tensor>>;
  readonly optimizer: FlatOptimizer;
}

/** @throws NotSmall, saying why the step is not of this form. */
export function describeStep({ loss, batch, optimizer }: Given): DescribedStep {
  const noted = notedLoss(loss);
  if (!noted)
    throw new NotSmall(`the loss is ${loss.node?.op ?? 'not recorded'}, and not one of defineLoss alone`);
  const parameters = new Parameters(optimizer);
  const lead = optimizer.seeds === undefined ? 0 : 1;
  if (loss.shape.length !== lead)
    throw new NotSmall(`the loss is ${show(loss.shape)}; wants ${lead === 0 ? 'a scalar' : 'one a seed'}`);
  const columns = new Map(Object.entries(batch).map(([name, x]) => [x, name]));

  const heads: Tensor[] = [];
  const lossInputs: Record<string, LossInput> = {};
  const read: string[] = [];
  for (const key of noted.inputs) {
    const x = noted.given[key]!;
    const column = columns.get(x);
    if (column !== undefined) {
      if (!read.includes(column)) read.push(column);
      lossInputs[key] = { column: read.indexOf(column) + 1 };
    } else if (x.node) {
      if (heads.includes(x)) throw new NotSmall(`the loss has one prediction under two names`);
      lossInputs[key] = { head: heads.push(x) - 1 };
    } else throw new NotSmall(`'${key}' of the loss is neither a prediction nor a column of the batch`);
  }
  if (heads.length < 1 || heads.length > 2)
    throw new NotSmall(`the loss is of ${heads.length} heads, not of one or two`);
  const [outputs] = heads.map(({ shape }) => shape.at(-1)!);
  const layers = heads.map((x) => parameters.linear(x));
  const features = layers[0]!.input;
  if (layers.some(({ input, activation }) => input !== features || activation !== 'identity'))
    throw new NotSmall('the heads are not linear layers on the same features');

  const hidden: HiddenLayer[] = [];
  let x = features;
  while (!columns.has(x)) {
    const layer = parameters.linear(x);
    const { activation, weight, bias } = layer;
    hidden.unshift({ width: x.shape.at(-1)!, activation, weight, bias });
    x = layer.input;
  }
  const inputs = x.shape.at(-1)!;
  const network = {
    inputs,
    hidden,
    heads: layers.map(({ weight, bias }) => ({ weight, bias })),
    outputs: outputs!,
  };
  checkSizes(network, { rows: x.shape.at(-2)!, axes: x.shape.length, lead });
  parameters.checkAllUsed();
  return { network, loss: noted, lossInputs, columns: [columns.get(x)!, ...read] };
}

function checkSizes(
  network: SmallNetwork,
  { rows, axes, lead }: { rows: number; axes: number; lead: number },
): void {
  const { inputs, hidden, outputs } = network;
  if (axes !== lead + 2) throw new NotSmall(`the network's input has ${axes} axes, not ${lead + 2}`);
  if (hidden.length === 0) throw new NotSmall('the network has no hidden layer');
  const widest = Math.max(inputs, ...hidden.map(({ width }) => width));
  if (widest > WIDEST) throw new NotSmall(`a layer is ${widest} wide, of at most ${WIDEST}`);
  const count = parametersOf(network);
  if (count > MOST_PARAMETERS)
    throw new NotSmall(`the network has ${count} parameters, of at most ${MOST_PARAMETERS}`);
  if (rows * outputs > MOST_ELEMENTS)
    throw new NotSmall(`a batch has ${rows * outputs} outputs, of at most ${MOST_ELEMENTS}`);
}

/** The tensors that are trained, each of which one layer must use. */
class Parameters {
  readonly #places: Map<Tensor, number>;
  readonly #used = new Set<number>();
  readonly #names: readonly string[];

  constructor({ parameters }: FlatOptimizer) {
    this.#names = Object.keys(parameters);
    this.#places = new Map(Object.values(parameters).map((x, i) => [x, i]));
  }

  /** The linear layer that made x, with its activation if there is one. */
  linear(x: Tensor): { input: Tensor; activation: SmallActivation; weight: number; bias: number } {
    const { node } = x;
    if (!node) throw new NotSmall('the network begins at something that is no column of the batch');
    if (node.op !== 'linear') {
      const [input] = node.inputs;
      const isKnown =
        Object.hasOwn(smallActivations, node.op) && input?.node?.op === 'linear' && !input.node.gate;
      const isSeparate = isKnown && smallActivations[node.op as SmallActivation].gradientOf === 'input';
      if (!isSeparate) throw new NotSmall(`'${node.op}' is part of the network; wants linear layers`);
      return { ...this.linear(input!), activation: node.op as SmallActivation };
    }
    const [input, weight, bias] = node.inputs;
    if (!bias) throw new NotSmall('a linear layer has no bias');
    return {
      input: input!,
      activation: node.gate ?? 'identity',
      weight: this.#take(weight!),
      bias: this.#take(bias),
    };
  }

  checkAllUsed(): void {
    const idle = this.#names.find((_, i) => !this.#used.has(i));
    if (idle !== undefined) throw new NotSmall(`'${idle}' is trained and belongs to no layer of the network`);
  }

  #take(x: Tensor): number {
    const place = this.#places.get(x);
    if (place === undefined) throw new NotSmall("a layer's weight is not one of the optimiser's parameters");
    if (this.#used.has(place)) throw new NotSmall(`'${this.#names[place]}' belongs to two layers`);
    this.#used.add(place);
    return place;
  }
}
