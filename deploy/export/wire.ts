/** Protocol buffers as bytes: fields of a message one after the other (protobuf.dev/programming-guides/encoding). */
import { joinBytes } from '../../base/join-bytes.ts';

const VARINT = 0;
const LENGTH = 2;
const FLOAT = 5;

/** A message is its fields, one after the other. */
export function message(...fields: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return joinBytes(fields);
}

/** int64 and enum fields; of whole numbers from 0 to 2^53 - 1, which are all that we write. */
export function integerField(number: number, value: number): Uint8Array {
  return Uint8Array.from([...tag(number, VARINT), ...varint(value)]);
}

export function floatField(number: number, value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return message(Uint8Array.from(tag(number, FLOAT)), bytes);
}

/** Bytes, and messages inside of messages. */
export function bytesField(number: number, bytes: Uint8Array): Uint8Array {
  return message(Uint8Array.from([...tag(number, LENGTH), ...varint(bytes.length)]), bytes);
}

export function textField(number: number, text: string): Uint8Array {
  return bytesField(number, new TextEncoder().encode(text));
}

function tag(number: number, type: number): number[] {
  return varint(number * 8 + type);
}

/** Seven bits a byte, the lowest first; the eighth says that more follow. */
function varint(value: number): number[] {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new RangeError(`a varint is a whole number of at least 0, not ${value}`);
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
}
