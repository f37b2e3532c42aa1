/** The networks that studies know as nodes: from inputs, standardised, to the label head. */
import { smallStages } from '../../models/mobilenet.ts';
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
  if (spec.kind === 'lenet') return lenet(layers, x);
  if (spec.kind === 'mobilenet') return mobilenet(layers, x);
  return resnet(layers, x);
}

function lenet(layers: Layers, x: string): string {
  const first = maxPool(layers, 'trunk.pool1', conv(layers, 'trunk.conv1', x), 2);
  const second = maxPool(layers, 'trunk.pool2', conv(layers, 'trunk.conv2', first), 2);
  return activate(layers, 'relu', linear(layers, 'trunk.linear', flatten(layers, second)));
}

/** As many blocks as there are weights of. */
function resnet(layers: Layers, x: string): string {
  let y = conv(layers, 'trunk.conv', x, { padding: 1 });
  for (const stage of [1, 2, 3]) {
    for (let block = 1; layers.weights.has(`trunk.stage${stage}.block${block}.conv1.weight`); block++)
      y = residual(layers, `trunk.stage${stage}.block${block}`, y, stage > 1 && block === 1 ? 2 : 1);
  }
  return globalAverage(layers, activate(layers, 'relu', batchNorm(layers, 'trunk.norm', y)));
}

function residual(layers: Layers, name: string, x: string, stride: number): string {
  const before = activate(layers, 'relu', batchNorm(layers, `${name}.norm1`, x));
  const inner = conv(layers, `${name}.conv1`, before, { stride, padding: 1 });
  const between = activate(layers, 'relu', batchNorm(layers, `${name}.norm2`, inner));
  const path = conv(layers, `${name}.conv2`, between, { padding: 1 });
  const hasShortcut = layers.weights.has(`${name}.shortcut.weight`);
  const shortcut = hasShortcut ? conv(layers, `${name}.shortcut`, before, { stride }) : before;
  return layers.graph.add('Add', `${layers.prefix}${name}`, [path, shortcut]);
}

function mobilenet(layers: Layers, x: string): string {
  let y = relu6(layers, convNorm(layers, 'trunk.first', x, { stride: 2, padding: 1 }));
  let block = 1;
  for (const { blocks, stride } of smallStages)
    for (let i = 0; i < blocks; i++)
      y = invertedResidual(layers, `trunk.block${block++}`, y, i === 0 ? stride : 1);
  return globalAverage(layers, relu6(layers, convNorm(layers, 'trunk.last', y)));
}

function convNorm(layers: Layers, name: string, x: string, geometry = {}): string {
  return batchNorm(layers, `${name}.norm`, conv(layers, `${name}.conv`, x, geometry));
}

function invertedResidual(layers: Layers, name: string, x: string, stride: number): string {
  const { graph, prefix, weights } = layers;
  const expand = weights.get(`${name}.expand.conv.weight`);
  const wide = expand ? relu6(layers, convNorm(layers, `${name}.expand`, x)) : x;
  const groups = weights.get(`${name}.depthwise.conv.weight`)!.shape[0]!;
  const geometry = { stride, padding: 1, groups };
  const depthwise = relu6(layers, convNorm(layers, `${name}.depthwise`, wide, geometry));
  const y = convNorm(layers, `${name}.project`, depthwise);
  const [inputs, outputs] = [
    expand?.shape[1] ?? groups,
    weights.get(`${name}.project.conv.weight`)!.shape[0],
  ];
  return stride === 1 && inputs === outputs ? graph.add('Add', `${prefix}${name}`, [x, y]) : y;
}
