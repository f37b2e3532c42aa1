/** An ONNX model as bytes: the messages of onnx.proto that our networks need, by their field numbers there. */
import { bytesField, floatField, integerField, message, textField } from './wire.ts';

/** What all of the operators that we write have been defined by, and the file format that came with it. */
export const OPSET = 17;
const IR_VERSION = 8;

/** A number with a point in the graph is `{ float }`, to tell 1 from 1.0. */
export type Attribute = number | readonly number[] | { readonly float: number };

export interface OnnxNode {
  readonly type: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export interface OnnxConstant {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array | Float64Array;
}

/** 'batch' is a length that differs from call to call. */
export interface OnnxValue {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly (number | 'batch')[];
  readonly description: string;
}

export interface OnnxModel {
  readonly name: string;
  readonly description: string;
  readonly version: string;
  /** Strings for whoever uses the model. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly constants: readonly OnnxConstant[];
  readonly nodes: readonly OnnxNode[];
}

export function encodeOnnx(model: OnnxModel): Uint8Array<ArrayBuffer> {
  const { name, description, version, metadata, inputs, outputs, constants, nodes } = model;
  const graph = message(
    ...nodes.map((node) => bytesField(1, nodeBytes(node))),
    textField(2, name),
    ...constants.map((constant) => bytesField(5, tensorBytes(constant))),
    ...inputs.map((value) => bytesField(11, valueBytes(value))),
    ...outputs.map((value) => bytesField(12, valueBytes(value))),
  );
  return message(
    integerField(1, IR_VERSION),
    textField(2, 'limbeck'),
    textField(3, version),
    textField(6, description),
    bytesField(7, graph),
    bytesField(8, message(textField(1, ''), integerField(2, OPSET))),
    ...Object.entries(metadata).map(([key, value]) =>
      bytesField(14, message(textField(1, key), textField(2, value))),
    ),
  );
}

function nodeBytes({ type, inputs, output, attributes }: OnnxNode): Uint8Array {
  return message(
    ...inputs.map((name) => textField(1, name)),
    textField(2, output),
    textField(3, output),
    textField(4, type),
    ...Object.entries(attributes).map(([name, value]) => bytesField(5, attributeBytes(name, value))),
  );
}

const TYPES = { float: 1, integer: 2, integers: 7 };

function attributeBytes(name: string, value: Attribute): Uint8Array {
  const named = textField(1, name);
  if (typeof value === 'number')
    return message(named, integerField(3, value), integerField(20, TYPES.integer));
  if ('float' in value) return message(named, floatField(2, value.float), integerField(20, TYPES.float));
  return message(named, ...value.map((item) => integerField(8, item)), integerField(20, TYPES.integers));
}

/** Numbers of types, also as an attribute of Cast. */
export const elementTypes = { float: 1, double: 11 } as const;
export type ElementType = keyof typeof elementTypes;

function tensorBytes({ name, shape, values }: OnnxConstant): Uint8Array {
  const type = values instanceof Float64Array ? 'double' : 'float';
  return message(
    ...shape.map((length) => integerField(1, length)),
    integerField(2, elementTypes[type]),
    textField(8, name),
    bytesField(9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
  );
}

function valueBytes({ name, type, shape, description }: OnnxValue): Uint8Array {
  const lengths = shape.map((length) =>
    bytesField(1, length === 'batch' ? textField(2, length) : integerField(1, length)),
  );
  const tensorType = message(integerField(1, elementTypes[type]), bytesField(2, message(...lengths)));
  return message(textField(1, name), bytesField(2, bytesField(1, tensorType)), textField(3, description));
}
