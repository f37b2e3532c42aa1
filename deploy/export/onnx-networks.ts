/** The networks that studies know as nodes: from inputs, standardised, to the label head. */
import { type MobileNetStage, smallStages } from '../../models/mobilenet.ts';
import { mobilenetV2Stages } from '../../models/mobilenetv2.ts';
import { UserError } from '../../base/errors.ts';
import { type NetworkSpec, parseNetwork } from '../../models/network-spec.ts';
import {
  activate,
  batchNorm,
  conv,
  flatten,
  globalAverage,
  type Layers,
  linear,
  maxPool,
  relu6,
} from './onnx-layers.ts';

export interface NetworkInputs {
  readonly x: string;
  /** Whether x are images, and not rows of a table. */
  readonly isImage: boolean;
  /** What joins the features before the last layer. */
  readonly extras?: string | undefined;
}

export function networkNodes(layers: Layers, network: string, { x, isImage, extras }: NetworkInputs): string {
  const spec = parseNetwork(network, 'network');
  const features = trunk(layers, spec, spec.kind === 'mlp' && isImage ? flatten(layers, x) : x);
  const { graph, prefix } = layers;
  const joined = extras
    ? graph.add('Concat', `${prefix}features`, [features, extras], { axis: 1 })
    : features;
  return linear(layers, 'label.0', joined);
}

function trunk(layers: Layers, spec: NetworkSpec, x: string): string {
  if (spec.kind === 'mlp')
    return spec.widths.reduce(
      (y, _, i) => activate(layers, spec.activation, linear(layers, `trunk.${i}`, y)),
      x,
    );
  if (spec.kind === 'own')
    throw new UserError(`'${spec.network.name}' is a network of your own: only predict can use it`);
  if (spec.kind === 'lenet') return lenet(layers, x);
  if (spec.kind === 'mobilenet') return mobilenet(layers, x, smallStages, relu6);
  if (spec.kind === 'mobilenetv2') return mobilenet(layers, x, mobilenetV2Stages, relu);
  if (spec.kind.startsWith('resnet-cifar')) return resnetCifar(layers, x);
  return resnet(layers, x, { isShortcutRaw: spec.kind.startsWith('wrn') });
}

const relu: typeof relu6 = (layers, x) => activate(layers, 'relu', x);

function lenet(layers: Layers, x: string): string {
  const first = maxPool(layers, 'trunk.pool1', conv(layers, 'trunk.conv1', x), 2);
  const second = maxPool(layers, 'trunk.pool2', conv(layers, 'trunk.conv2', first), 2);
  return activate(layers, 'relu', linear(layers, 'trunk.linear', flatten(layers, second)));
}

/** As many blocks as there are weights of, by the name of a weight that each has. */
function stages(
  { weights }: Layers,
  x: string,
  { weight, run }: { weight: string; run: (name: string, x: string, stride: number) => string },
): string {
  let y = x;
  for (const stage of [1, 2, 3]) {
    for (let block = 1; weights.has(`trunk.stage${stage}.block${block}.${weight}`); block++)
      y = run(`trunk.stage${stage}.block${block}`, y, stage > 1 && block === 1 ? 2 : 1);
  }
  return y;
}

/** `isShortcutRaw`: what is added is what comes in, and not what its normalisation makes of it. */
function resnet(layers: Layers, x: string, { isShortcutRaw }: { isShortcutRaw: boolean }): string {
  const y = stages(layers, conv(layers, 'trunk.conv', x, { padding: 1 }), {
    weight: 'conv1.weight',
    run: (name, before, stride) => residual(layers, name, before, { stride, isShortcutRaw }),
  });
  return globalAverage(layers, activate(layers, 'relu', batchNorm(layers, 'trunk.norm', y)));
}

function residual(
  layers: Layers,
  name: string,
  x: string,
  { stride, isShortcutRaw }: { stride: number; isShortcutRaw: boolean },
): string {
  const before = activate(layers, 'relu', batchNorm(layers, `${name}.norm1`, x));
  const inner = conv(layers, `${name}.conv1`, before, { stride, padding: 1 });
  const between = activate(layers, 'relu', batchNorm(layers, `${name}.norm2`, inner));
  const path = conv(layers, `${name}.conv2`, between, { padding: 1 });
  const hasShortcut = layers.weights.has(`${name}.shortcut.weight`);
  const plain = isShortcutRaw ? x : before;
  const shortcut = hasShortcut ? conv(layers, `${name}.shortcut`, before, { stride }) : plain;
  return layers.graph.add('Add', `${layers.prefix}${name}`, [path, shortcut]);
}

function resnetCifar(layers: Layers, x: string): string {
  const first = relu(layers, convNorm(layers, 'trunk.first', x, { padding: 1 }));
  const y = stages(layers, first, {
    weight: 'conv1.conv.weight',
    run(name, before, stride) {
      const inner = relu(layers, convNorm(layers, `${name}.conv1`, before, { stride, padding: 1 }));
      const path = convNorm(layers, `${name}.conv2`, inner, { padding: 1 });
      const shortcut = plainShortcut(layers, name, before, stride);
      return relu(layers, layers.graph.add('Add', layers.prefix + name, [path, shortcut]));
    },
  });
  return globalAverage(layers, y);
}

/** Every second pixel, with channels of zeros behind, as a convolution by ones and zeros. */
function plainShortcut({ graph, prefix, weights }: Layers, name: string, x: string, stride: number): string {
  const [channels, inputs] = weights.get(`${name}.conv1.conv.weight`)!.shape as [number, number];
  if (stride === 1 && channels === inputs) return x;
  const ones = Array.from({ length: channels * inputs }, (_, i) =>
    Number(Math.floor(i / inputs) === i % inputs),
  );
  const weight = graph.constant(`${prefix}${name}.shortcut.weight`, ones, [channels, inputs, 1, 1]);
  const geometry = { kernel_shape: [1, 1], strides: [stride, stride], pads: [0, 0, 0, 0], group: 1 };
  return graph.add('Conv', `${prefix}${name}.shortcut`, [x, weight], geometry);
}

function mobilenet(
  layers: Layers,
  x: string,
  list: readonly MobileNetStage[],
  activation: typeof relu6,
): string {
  let y = activation(layers, convNorm(layers, 'trunk.first', x, { stride: 2, padding: 1 }));
  let block = 1;
  for (const { blocks, stride } of list)
    for (let i = 0; i < blocks; i++)
      y = invertedResidual(layers, `trunk.block${block++}`, y, { stride: i === 0 ? stride : 1, activation });
  return globalAverage(layers, activation(layers, convNorm(layers, 'trunk.last', y)));
}

function convNorm(layers: Layers, name: string, x: string, geometry = {}): string {
  return batchNorm(layers, `${name}.norm`, conv(layers, `${name}.conv`, x, geometry));
}

function invertedResidual(
  layers: Layers,
  name: string,
  x: string,
  { stride, activation }: { stride: number; activation: typeof relu6 },
): string {
  const { graph, prefix, weights } = layers;
  const expand = weights.get(`${name}.expand.conv.weight`);
  const wide = expand ? activation(layers, convNorm(layers, `${name}.expand`, x)) : x;
  const groups = weights.get(`${name}.depthwise.conv.weight`)!.shape[0]!;
  const geometry = { stride, padding: 1, groups };
  const depthwise = activation(layers, convNorm(layers, `${name}.depthwise`, wide, geometry));
  const y = convNorm(layers, `${name}.project`, depthwise);
  const [inputs, outputs] = [
    expand?.shape[1] ?? groups,
    weights.get(`${name}.project.conv.weight`)!.shape[0],
  ];
  return stride === 1 && inputs === outputs ? graph.add('Add', `${prefix}${name}`, [x, y]) : y;
}
