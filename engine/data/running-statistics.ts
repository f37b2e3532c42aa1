/** Running statistics of a network: averages over its batches, in one flat buffer, updated by few dispatches. */
import { getOrMake } from '../../kernels/get-or-make.ts';
import type { Kernel } from '../../kernels/kernel.ts';
import { MAX_FRESH, runningStatistics as kernelOf } from '../../kernels/reduce/running-statistics.ts';
import { dispatch, workgroupsFor } from '../dispatch.ts';
import { checkNamed, checkOptions } from '../borders.ts';
import { checkParameters, flatten } from '../optim/flat.ts';
import { ShapeError, show } from '../shape.ts';
import { checkTensor, outsideTidy, Tensor } from '../tensor.ts';

/** What one batch says of one running tensor. */
export interface FreshStatistic {
  /** Of the running tensor's size. */
  readonly values: Tensor;
  /** What `values` are multiplied by: n / (n - 1) makes a biased variance unbiased. */
  readonly factor: number;
}

const kernels = new Map<number, Kernel>();

/**
 * Moves named tensors into one flat buffer, and returns the function that updates them in place:
 * running = (1 - momentum) running + momentum factor fresh. It reads nothing back and allocates nothing, so a recorded
 * step repeats it. Numbers that are not finite change nothing. What is not in `fresh` stays.
 */
export function runningStatistics(
  buffers: Readonly<Record<string, Tensor>>,
  options: { momentum?: number | undefined } = {},
): (fresh: Readonly<Record<string, FreshStatistic>>) => void {
  checkParameters('runningStatistics', buffers);
  checkOptions('runningStatistics', options, 'momentum');
  const { momentum = 0.1 } = options;
  if (!(momentum >= 0 && momentum <= 1))
    throw new Error(`runningStatistics: momentum must lie in [0, 1], got ${momentum}`);
  const { flat, names, starts } = outsideTidy(() => flatten(buffers, 'runningStatistics'));
  // The buffers alone keep the memory: who disposes them gives it back.
  const { shape, writes } = flat;
  flat.dispose();
  return (fresh) => {
    checkNamed('runningStatistics', fresh, 'what the batch says by name of buffer');
    const given = Object.entries(fresh);
    for (const [name, statistic] of given) {
      checkNamed(`runningStatistics: '${name}'`, statistic, 'values factor');
      const { values } = statistic;
      checkTensor('runningStatistics', `values of '${name}'`, values);
      const buffer = buffers[name];
      if (!buffer) throw new Error(`runningStatistics: no buffer '${name}'; there are ${names.join(', ')}`);
      if (values.size !== buffer.size)
        throw new ShapeError(
          `runningStatistics: '${name}' ${show(values.shape)}, wants ${show(buffer.shape)}`,
        );
    }
    const base = buffers[names[0]!]!;
    const running = new Tensor(base.storage, shape, { offset: base.offset - starts[0]!, base, writes });
    for (let from = 0; from < given.length; from += MAX_FRESH) {
      const some = given.slice(from, from + MAX_FRESH);
      const inputs: Record<string, Tensor> = {};
      const uniforms: Record<string, number> = { momentum };
      for (const [k, [name, { values, factor }]] of some.entries()) {
        inputs[`fresh${k}`] = values;
        uniforms[`width${k}`] = values.size;
        uniforms[`start${k}`] = starts[names.indexOf(name)]!;
        uniforms[`weight${k}`] = momentum * factor;
      }
      const kernel = getOrMake(kernels, some.length, () => kernelOf(some.length));
      const widest = Math.max(...some.map(([, { values }]) => values.size));
      const workgroups = [workgroupsFor(kernel, widest), some.length, 1] as const;
      dispatch(kernel, { inputs, uniforms, outputs: { running }, workgroups });
    }
    running.dispose();
  };
}
