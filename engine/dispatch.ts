/** From tensors to a backend's dispatch: checks, allocates outputs, and names the kernel in every complaint. */
import type { Kernel } from '../kernels/kernel.ts';
import type { Backend, Binding, DType } from './backend.ts';
import { inWords } from './borders.ts';
import { listening } from './listener.ts';
import type { Shape } from './shape.ts';
import { checkRecorded } from './step.ts';
import { checkDtype, checkTensor, empty, Tensor } from './tensor.ts';

const MAX_WORKGROUPS = 65_535;
/**
 * Of a kernel that loops, on a software adapter: beginning one costs it as much as hundreds of elements. Measured on two cores;
 * with more than eight, the others have nothing to do.
 */
const FEW_WORKGROUPS = 8;

export interface DispatchOptions<I extends string, O extends string, U extends string> {
  inputs: Readonly<Record<I, Tensor>>;
  /** A shape makes a new tensor; a tensor is written in place, and the kernel must say so (`inout`). */
  outputs: Readonly<Record<O, Shape | Tensor>>;
  uniforms?: Readonly<Record<U, number>> | undefined;
  /**
   * A count is folded into two dimensions beyond 65,535; kernels then use `workgroupIndex`. Kernels that loop get fewer
   * on a software adapter.
   */
  workgroups: number | readonly [number, number, number];
  /** Needed only by kernels without inputs. */
  backend?: Backend | undefined;
}

/**
 * Runs a kernel and returns its outputs.
 *
 * @throws if a tensor has not the type that the kernel declares, tensors live on different backends, or there are too
 *   many workgroups.
 */
export function dispatch<I extends string, O extends string, U extends string>(
  kernel: Kernel<I, O, U>,
  options: DispatchOptions<I, O, U>,
): Record<O, Tensor> {
  checkCall(kernel, options);
  const { inputs, uniforms = {} } = options;
  let words: DType | undefined;
  for (const name of kernel.inputs) {
    const x = inputs[name];
    checkTensor(kernel.name, name, x);
    x.checkAlive(kernel.name);
    if (kernel.elements[name] === 'word') words ??= x.dtype;
    checkDtype(kernel.name, name, x, dtypeOf(kernel, name, words));
  }
  const backend =
    options.backend ?? backendOf(kernel, [...Object.values<Tensor>(inputs), ...inPlace(options.outputs)]);
  const bindings: Record<string, Binding> = {};
  for (const name of kernel.inputs) bindings[name] = inputs[name].binding;

  const outputs = {} as Record<O, Tensor>;
  for (const name of kernel.outputs) {
    outputs[name] = outputOf(kernel, name, options.outputs[name], { backend, words });
    bindings[name] = outputs[name].binding;
  }
  const size = kernel.outputs.reduce((sum, name) => sum + outputs[name].size, 0);
  const workgroups = fold(kernel, backend, options.workgroups);
  checkRecorded(backend.step, kernel.name);
  if (size > 0 && workgroups.every((n) => n > 0) && !isRehearsing) {
    backend.dispatch(kernel, { bindings, uniforms: uniforms as Record<string, number>, workgroups });
    listening.to?.dispatched(kernel, Object.values<Tensor>(inputs), Object.values<Tensor>(outputs));
  }
  return outputs;
}

let isRehearsing = false;

/** Runs `f` with its dispatches left out, to see what it records. Its tensors have no numbers; nothing is compiled. */
export function rehearse(f: () => void): void {
  isRehearsing = true;
  try {
    f();
  } finally {
    isRehearsing = false;
  }
}

function checkCall(kernel: Kernel, options: DispatchOptions<string, string, string>): void {
  if (typeof kernel?.source !== 'string')
    throw new Error(`dispatch: wants a kernel, as defineKernel gives one, got ${inWords(kernel)}`);
  const { inputs, outputs } = options ?? {};
  if (typeof inputs !== 'object' || typeof outputs !== 'object' || inputs === null || outputs === null)
    throw new Error(`${kernel.name}: dispatch wants { inputs, outputs, workgroups }, each an object by name`);
}

/** What a tensor must be that the kernel is given by this name; `words` is the type of those that are only moved. */
function dtypeOf(kernel: Kernel, name: string, words: DType = 'f32'): DType {
  const element = kernel.elements[name];
  return element === 'word' ? words : element === 'u32' ? 'u32' : 'f32';
}

function outputOf(
  kernel: Kernel,
  name: string,
  wanted: Shape | Tensor,
  { backend, words }: { backend: Backend; words: DType | undefined },
): Tensor {
  const dtype = dtypeOf(kernel, name, words);
  if (!(wanted instanceof Tensor)) {
    return empty(wanted, backend, { dtype, label: `${kernel.name}.${name}` });
  }
  if (!kernel.inout.includes(name))
    throw new Error(`${kernel.name}: '${name}' is not declared inout; pass its shape`);
  checkDtype(kernel.name, name, wanted, dtype);
  noteWrite(wanted);
  return wanted;
}

/** A tensor is written in place, now and in every replay of the step: graphs that used it are out of date. */
export function noteWrite({ writes, backend }: Tensor): void {
  writes.note();
  backend.step.onReplay(() => writes.note());
}

function inPlace(outputs: Readonly<Record<string, Shape | Tensor>>): Tensor[] {
  return Object.values(outputs).filter((output): output is Tensor => output instanceof Tensor);
}

/** The one backend that all tensors live on. */
export function backendOf(kernel: Pick<Kernel, 'name'>, tensors: readonly Tensor[]): Backend {
  const backend = tensors[0]?.backend;
  if (!backend) throw new Error(`${kernel.name}: no inputs, so the backend must be named`);
  const other = tensors.find((x) => x.backend !== backend);
  if (other)
    throw new Error(`${kernel.name}: tensors on two backends, ${backend.name} and ${other.backend.name}`);
  return backend;
}

/** A count in two dimensions, as kernels unfold it with `workgroupIndex`. */
export function folded(count: number): [number, number] {
  return count <= MAX_WORKGROUPS ? [count, 1] : [MAX_WORKGROUPS, Math.ceil(count / MAX_WORKGROUPS)];
}

function fold(
  kernel: Kernel,
  { isSoftware }: Backend,
  workgroups: number | readonly [number, number, number],
): [number, number, number] {
  const isFew = typeof workgroups === 'number' && kernel.loops && isSoftware;
  const count = isFew ? Math.min(workgroups, FEW_WORKGROUPS) : workgroups;
  const [x, y, z] = typeof count === 'number' ? [...folded(count), 1] : count;
  return [fitting(kernel, x!), fitting(kernel, y!), fitting(kernel, z!)];
}

function fitting(kernel: Kernel, count: number): number {
  if (count > MAX_WORKGROUPS) {
    throw new Error(`${kernel.name}: ${count} workgroups in one dimension, ${MAX_WORKGROUPS} is the most`);
  }
  return count;
}

/** Workgroups for one invocation an element, or `each` elements an invocation. */
export function workgroupsFor(kernel: Kernel, size: number, each = 1): number {
  if (!Array.isArray(kernel?.workgroupSize))
    throw new Error(`workgroupsFor: wants a kernel, as defineKernel gives one, got ${inWords(kernel)}`);
  const [x, y, z] = kernel.workgroupSize;
  return Math.ceil(size / each / (x * y * z));
}
