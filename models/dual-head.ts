/** A student with two heads on one trunk: one for the label, one for the teacher's prediction. */
import type { Tensor } from '../engine/tensor.ts';
import { linearLayer, ParameterBuilder } from './layers.ts';
import { buildTrunk, checkNetwork, listOf, type MlpOptions, type Model, runTrunk, sizes } from './mlp.ts';

export interface DualHeadOptions extends MlpOptions {
  /** Hidden layers of each head, as wide as the trunk's last. */
  headDepth?: number;
}

export interface DualHeadModel {
  readonly parameters: Readonly<Record<string, Tensor>>;
  /** Both heads, (…, rows, outputs) each. */
  forward(x: Tensor): { pred: Tensor; teacherPred: Tensor };
  readonly parameterCount: number;
  readonly macs: number;
  /** The network that is deployed: trunk and label head, the same tensors, as large as a plain student. */
  labelOnly(): Model;
}

/**
 * An MLP trunk with a `label` head and a `teacher` head. The trunk and the label head have the same initial numbers as
 * `mlp` of the same seed and widths (for `headDepth` 0).
 */
export function dualHead(options: DualHeadOptions): DualHeadModel {
  const { backend, inputs = 1, outputs = 1, widths, activation = 'tanh', seed = 0, headDepth = 0 } = options;
  checkNetwork('dualHead', [inputs, ...listOf('dualHead', widths), outputs], activation);
  if (!Number.isInteger(headDepth) || headDepth < 0)
    throw new Error(`dualHead: headDepth is ${headDepth}; wants 0 or more`);
  const builder = new ParameterBuilder(backend, seed);
  const features = buildTrunk(builder, inputs, widths);
  for (const head of ['label', 'teacher']) {
    for (let i = 0; i < headDepth; i++) builder.linear(`${head}.${i}`, features, features);
    builder.linear(`${head}.${headDepth}`, features, outputs);
  }
  const { parameters } = builder;
  const trunk = (x: Tensor) => runTrunk(parameters, widths.length, x, activation);
  const run = (head: string, shared: Tensor) => {
    let hidden = shared;
    for (let i = 0; i < headDepth; i++) hidden = linearLayer(parameters, `${head}.${i}`, hidden, activation);
    return linearLayer(parameters, `${head}.${headDepth}`, hidden);
  };
  return {
    parameters,
    forward(x) {
      const shared = trunk(x);
      return { pred: run('label', shared), teacherPred: run('teacher', shared) };
    },
    ...sizes(parameters),
    labelOnly() {
      const kept = Object.fromEntries(
        Object.entries(parameters).filter(([name]) => !name.startsWith('teacher.')),
      );
      return { parameters: kept, forward: (x) => run('label', trunk(x)), ...sizes(kept) };
    },
  };
}
