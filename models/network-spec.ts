/** How a network is named on the command line: 'mlp:100,100', 'mlp:100,100:relu', 'lenet', 'resnet8:0.5', 'wrn-16-2'. */

import { type Activation, activations } from './activations.ts';
import { UserError } from '../base/errors.ts';
import { type NetworkKind, ownNetwork } from './own-networks.ts';
import { suggestion } from '../base/suggest.ts';

export interface MlpSpec {
  kind: 'mlp';
  /** Widths of the hidden layers. */
  widths: number[];
  activation: Activation;
}

export interface ImageNetworkSpec {
  kind: ImageNetworkKind;
  /** Scales the numbers of channels. */
  width: number;
}

/** One of a user's own. */
export interface OwnNetworkSpec {
  kind: 'own';
  network: NetworkKind;
  /** What follows its name. */
  size: string;
}

export type NetworkSpec = MlpSpec | ImageNetworkSpec | OwnNetworkSpec;

const imageKinds = ['lenet', 'resnet8', 'resnet14', 'resnet20', 'mobilenet', 'mobilenetv2'] as const;
/** Of the networks for CIFAR: their depth, and how many times as many channels one has. */
type Family = `resnet-cifar${number}` | `wrn-${number}-${number}`;
type ImageNetworkKind = (typeof imageKinds)[number] | Family;
/** As examples, where a name is not known. */
const members: readonly Family[] = ['resnet-cifar20', 'wrn-16-2'];
/** Layers; the paper's deepest has 1,202. */
const DEEPEST = 1202;

const widest = 65_536;
/** No network of this kind is wanted wider, and a slip of the keyboard would fill the memory. */
const MOST_WIDTH = 64;

/** `where` begins the error: the option that the text came from. */
export function parseNetwork(text: string, where: string): NetworkSpec {
  const [kind = '', ...rest] = text.split(':');
  if (/^[\d,]+$/.test(text))
    throw new UserError(`${where}: '${text}' lacks the kind of network, did you mean 'mlp:${text}'?`);
  if (kind === 'mlp') return parseMlp(text, rest, where);
  const imageKind = imageKinds.find((name) => name === kind) ?? familyOf(kind);
  if (imageKind) return { kind: imageKind, width: widthOf(text, rest, where) };
  const network = ownNetwork(kind);
  if (network) return { kind: 'own', network, size: rest.join(':') };
  const known = ['mlp', ...imageKinds, ...members];
  throw new UserError(
    `${where}: unknown network '${kind}'${suggestion(kind, known)} (like mlp:100,100; for images ${[...imageKinds, ...members].join(', ')}, or lenet:0.25; depths of resnet-cifar are 6n + 2, of wrn 6n + 4)`,
  );
}

function parseMlp(text: string, [widthList = '', ...given]: readonly string[], where: string): MlpSpec {
  if (widthList === '') throw new UserError(`${where}: '${text}' lacks widths (like mlp:100,100)`);
  const widths = widthList.split(',').map((width) => {
    const isValid = /^\d+$/.test(width) && Number(width) >= 1 && Number(width) <= widest;
    if (!isValid) {
      throw new UserError(
        `${where}: width '${width}' in '${text}' is not a whole number from 1 to ${widest}`,
      );
    }
    return Number(width);
  });
  const name = given.length > 0 ? given.join(':') : 'tanh';
  const activation = activations.find((known) => known === name);
  if (activation === undefined) {
    throw new UserError(
      `${where}: unknown activation '${name}' in '${text}'${suggestion(name, activations)}` +
        ` (known: ${activations.join(', ')})`,
    );
  }
  return { kind: 'mlp', widths, activation };
}

/** 'resnet-cifar32', 'wrn-40-2': a depth that there is, and a widening. */
function familyOf(kind: string): Family | undefined {
  const [, name, depth, widening] = /^(resnet-cifar|wrn-)([1-9]\d*)(?:-([1-9]\d*))?$/.exec(kind) ?? [];
  const rest = name === 'wrn-' ? 4 : 2;
  const layers = Number(depth) - rest;
  const isWide = widening !== undefined && Number(widening) <= MOST_WIDTH;
  const isKnown = layers > 0 && layers % 6 === 0 && Number(depth) <= DEEPEST;
  return isKnown && (name === 'wrn-' ? isWide : widening === undefined) ? (kind as Family) : undefined;
}

/** Whether the library has a network of that name, with any size. */
export function isKnownNetwork(name: string): boolean {
  return name === 'mlp' || imageKinds.some((kind) => kind === name) || familyOf(name) !== undefined;
}

/** Whether it is for images alone. */
export function isForImages(spec: NetworkSpec): boolean {
  return spec.kind === 'own' ? spec.network.isOfImages : spec.kind !== 'mlp';
}

/** The same network with its defaults written out: 'mlp:16,16:tanh' for 'mlp:16,16'. */
export function canonicalName(text: string): string {
  const spec = parseNetwork(text, 'network');
  return spec.kind === 'mlp' ? `mlp:${spec.widths.join(',')}:${spec.activation}` : text;
}

/** Of an image network for a table. */
export function notForTables(text: string, option: string): string {
  return `${option}: ${text} is for images, and the data are a table; those want a network such as mlp:100,100`;
}

/** 'lenet:0.25' has a quarter of LeNet's channels. */
function widthOf(text: string, [width = '1', ...rest]: readonly string[], where: string): number {
  const value = Number(width);
  if (rest.length === 0 && width.trim() !== '' && value > 0 && value <= MOST_WIDTH) return value;
  throw new UserError(
    `${where}: '${[width, ...rest].join(':')}' in '${text}' is no multiple of its channels: wants a number above 0, at most ${MOST_WIDTH}, like ${text.split(':')[0]}:0.25`,
  );
}
