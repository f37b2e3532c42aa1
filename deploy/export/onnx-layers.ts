/** The layers of our models as nodes; each takes the name of what comes in and returns that of what goes out. */
import type { Activation } from '../../models/layers.ts';
import type { OnnxGraph, Weights } from './onnx-graph.ts';

/** Where a network's layers go, and whose numbers they have. */
export interface Layers {
  readonly graph: OnnxGraph;
  readonly weights: Weights;
  /** Before every name: 'fold.0.' or nothing. */
  readonly prefix: string;
}

/** x @ NAME.weight + NAME.bias. */
export function linear(layers: Layers, name: string, x: string): string {
  const [weight, bias] = [constantOf(layers, `${name}.weight`), constantOf(layers, `${name}.bias`)];
  return layers.graph.add('Gemm', layers.prefix + name, [x, weight, bias]);
}

export interface ConvGeometry {
  stride?: number;
  padding?: number;
  groups?: number;
}

export function conv(
  layers: Layers,
  name: string,
  x: string,
  { stride = 1, padding = 0, groups = 1 }: ConvGeometry = {},
): string {
  const given = [x, constantOf(layers, `${name}.weight`)];
  if (layers.weights.has(`${name}.bias`)) given.push(constantOf(layers, `${name}.bias`));
  const [, , height, width] = layers.weights.get(`${name}.weight`)!.shape;
  return layers.graph.add('Conv', layers.prefix + name, given, {
    kernel_shape: [height!, width!],
    strides: [stride, stride],
    pads: [padding, padding, padding, padding],
    group: groups,
  });
}

/** By the running statistics. */
export function batchNorm(layers: Layers, name: string, x: string): string {
  const given = ['scale', 'bias', 'mean', 'variance'].map((part) => constantOf(layers, `${name}.${part}`));
  return layers.graph.add('BatchNormalization', layers.prefix + name, [x, ...given], {
    epsilon: { float: 1e-5 },
  });
}

export function maxPool(layers: Layers, name: string, x: string, size: number): string {
  const attributes = { kernel_shape: [size, size], strides: [size, size] };
  return layers.graph.add('MaxPool', layers.prefix + name, [x], attributes);
}

/** (n, channels, height, width) to (n, channels). */
export function globalAverage({ graph, prefix }: Layers, x: string): string {
  const pooled = graph.add('GlobalAveragePool', `${prefix}trunk.pool`, [x]);
  return flatten({ graph, prefix }, pooled);
}

export function flatten({ graph, prefix }: Pick<Layers, 'graph' | 'prefix'>, x: string): string {
  return graph.add('Flatten', `${prefix}trunk.flat`, [x], { axis: 1 });
}

export function relu6({ graph }: Layers, x: string): string {
  return graph.add('Clip', `${x}.relu6`, [x, graph.scalar('zero', 0), graph.scalar('six', 6)]);
}

/** Activations that ONNX has under a name of its own. */
const operators: Partial<
  Record<Activation, readonly [type: string, attributes?: { alpha: { float: number } }]>
> = {
  tanh: ['Tanh'],
  relu: ['Relu'],
  sigmoid: ['Sigmoid'],
  softplus: ['Softplus'],
  hardSwish: ['HardSwish'],
  leakyRelu: ['LeakyRelu', { alpha: { float: 0.01 } }],
  elu: ['Elu', { alpha: { float: 1 } }],
};

export function activate({ graph }: Layers, activation: Activation, x: string): string {
  const name = `${x}.${activation}`;
  const operator = operators[activation];
  if (operator) return graph.add(operator[0], name, [x], operator[1]);
  if (activation === 'silu') return graph.add('Mul', name, [x, graph.add('Sigmoid', `${x}.sigmoid`, [x])]);
  if (activation === 'identity') return x;
  // gelu is an operator from opset 20 on; this is its definition, x (1 + erf(x/√2)) / 2.
  const scaled = graph.add('Mul', `${x}.scaled`, [x, graph.scalar('sqrt_half', Math.SQRT1_2)]);
  const erf = graph.add('Erf', `${x}.erf`, [scaled]);
  const distribution = graph.add('Add', `${x}.twice`, [erf, graph.scalar('one', 1)]);
  const half = graph.add('Mul', `${x}.half`, [x, graph.scalar('half', 0.5)]);
  return graph.add('Mul', name, [half, distribution]);
}

function constantOf({ graph, weights, prefix }: Layers, name: string): string {
  const { values, shape } = weights.get(name)!;
  return graph.constant(prefix + name, values, shape);
}
