/** A graph while it is written: nodes after those that they use, constants once each, names by layer. */
import type { Shape } from '../../engine/shape.ts';
import {
  type Attribute,
  type ElementType,
  elementTypes,
  type OnnxConstant,
  type OnnxNode,
} from './onnx-model.ts';

/** Tensors of one network by name, as they are saved. */
export type Weights = ReadonlyMap<string, { readonly shape: Shape; readonly values: ArrayLike<number> }>;

export class OnnxGraph {
  readonly nodes: OnnxNode[] = [];
  readonly #constants = new Map<string, OnnxConstant>();

  get constants(): OnnxConstant[] {
    return [...this.#constants.values()];
  }

  /** Adds a node; its output has its name, made unique by a number. */
  add(
    type: string,
    name: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): string {
    const taken = (output: string) =>
      this.#constants.has(output) || this.nodes.some((node) => node.output === output);
    let output = name;
    for (let count = 2; taken(output); count++) output = `${name}.${count}`;
    this.nodes.push({ type, inputs, output, attributes });
    return output;
  }

  /** Numbers, under a name that has no other numbers. */
  constant(name: string, values: ArrayLike<number>, shape: Shape, type: ElementType = 'float'): string {
    const numbers = type === 'double' ? Float64Array.from(values) : Float32Array.from(values);
    this.#constants.set(name, { name, shape, values: numbers });
    return name;
  }

  cast(name: string, x: string, type: ElementType): string {
    return this.add('Cast', name, [x], { to: elementTypes[type] });
  }

  scalar(name: string, value: number): string {
    return this.constant(name, [value], []);
  }
}
