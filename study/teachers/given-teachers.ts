/** Teachers that a study does not train: columns of its table, or a network from a file, brought to its units. */
import type { Backend } from '../../engine/backend.ts';
import { loadTensors } from '../../engine/files/checkpoint.ts';
import { encodeSafetensors, type SafetensorsInput } from '../../engine/files/safetensors.ts';
import { networkOutputs } from '../data/evaluate.ts';
import { isOfClasses } from '../../tasks/coding.ts';
import { networkOf, stacked } from '../../models/network.ts';
import type { NetworkDescription } from '../network-description.ts';
import type { PreparedData, SeedData } from '../data/prepared-data.ts';
import type { SavedNetwork } from '../saved-network.ts';
import { type Teachers, teachersOf } from './teacher.ts';

/** Known by their predictions alone. */
export function columnTeachers({ each }: PreparedData): Teachers {
  return {
    networks: undefined,
    predictions: each.map(({ dataset, coding }) => coding.encode(dataset.train.teacher!) as Float32Array),
    variances: undefined,
    dispose() {},
  };
}

/** The same teacher for every seed, as a function of that seed's standardised inputs; of several networks their mean. */
export async function savedTeachers(
  { where, description, networks }: SavedNetwork,
  data: PreparedData,
  backend: Backend,
): Promise<Teachers> {
  const models = networks.map((tensors) => {
    const seeds = data.each.map((seed) => adapted(tensors, description, seed));
    const made = { backend, shape: data.shape, seed: data.networkSeed };
    const model = networkOf(description.network, where, made);
    loadTensors(model.parameters, encodeSafetensors(stacked(seeds)));
    return model;
  });
  const members: Float32Array[][] = [];
  for (const { forward } of models) {
    const predicted = await networkOutputs(forward, data.trainInputs);
    members.push(predicted.map((values) => Float32Array.from(values)));
  }
  return teachersOf(models, members);
}

type Tensors = ReadonlyMap<string, SafetensorsInput>;

/**
 * An MLP's tensors with the way from the study's units to its own in the first layer, and the way back in the last: with
 * units x = s·deviation + mean of the study (s) and of the file (f), s gives f = s·(dₛ/d_f) + (mₛ - m_f)/d_f. In float64;
 * where the units are the same, so are the tensors.
 */
function adapted(
  tensors: Tensors,
  { inputs, targets }: NetworkDescription,
  { xScale, coding }: Pick<SeedData, 'xScale' | 'coding'>,
): Map<string, SafetensorsInput> {
  const into = (i: number) => ({
    scale: xScale.deviation[i]! / inputs.deviation[i]!,
    shift: (xScale.mean[i]! - inputs.mean[i]!) / inputs.deviation[i]!,
  });
  // Logits have no units.
  const yScale = coding.toJSON();
  const back = (k: number) =>
    isOfClasses(targets) || isOfClasses(yScale)
      ? { scale: 1, shift: 0 }
      : {
          scale: targets.deviation[k]! / yScale.deviation[k]!,
          shift: (targets.mean[k]! - yScale.mean[k]!) / yScale.deviation[k]!,
        };
  const [first, last] = [layerOf(tensors, 'trunk.0'), layerOf(tensors, 'label.0')];
  const bias = Float64Array.from(first.bias, (value, j) =>
    inputs.names.reduce((sum, _, i) => sum + into(i).shift * first.weight[i * first.width + j]!, value),
  );
  const changed: Record<string, Float64Array> = {
    'trunk.0.weight': Float64Array.from(
      first.weight,
      (value, at) => value * into(Math.floor(at / first.width)).scale,
    ),
    'trunk.0.bias': bias,
    'label.0.weight': Float64Array.from(last.weight, (value, at) => value * back(at % last.width).scale),
    'label.0.bias': Float64Array.from(last.bias, (value, k) => value * back(k).scale + back(k).shift),
  };
  return new Map(
    [...tensors].map(([name, { shape, values }]) => [name, { shape, values: changed[name] ?? values }]),
  );
}

/** A linear layer's numbers, (inputs, width) and (width). */
function layerOf(tensors: Tensors, name: string) {
  const [weight, bias] = [tensors.get(`${name}.weight`)!, tensors.get(`${name}.bias`)!];
  return { weight: weight.values, bias: bias.values, width: bias.values.length };
}
