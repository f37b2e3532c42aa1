/** The safetensors reader and writer: bytes by hand, bytes of other programs, and every way to break a file. */
import { expect, test } from 'vitest';
import {
  decodeSafetensors,
  encodeSafetensors,
  SafetensorsError,
  type SafetensorsErrorCode,
  type SafetensorsInput,
} from '../../engine/files/safetensors.ts';

/** Written by `safetensors.numpy.save`, safetensors 0.8.0 with numpy 2.4.6: w, b, n, d, u and an empty one, 'größe'. */
const fromNumpy = [
  '70010000000000007b225f5f6d657461646174615f5f223a7b22666f726d6174223a226e70227d2c226e223a7b226474',
  '797065223a22493634222c227368617065223a5b5d2c22646174615f6f666673657473223a5b302c385d7d2c2264223a',
  '7b226474797065223a22463634222c227368617065223a5b315d2c22646174615f6f666673657473223a5b382c31365d',
  '7d2c226772c3b6c39f65223a7b226474797065223a22463332222c227368617065223a5b302c345d2c22646174615f6f',
  '666673657473223a5b31362c31365d7d2c2277223a7b226474797065223a22463332222c227368617065223a5b322c33',
  '5d2c22646174615f6f666673657473223a5b31362c34305d7d2c2275223a7b226474797065223a22553332222c227368',
  '617065223a5b325d2c22646174615f6f666673657473223a5b34302c34385d7d2c2262223a7b226474797065223a2246',
  '3136222c227368617065223a5b315d2c22646174615f6f666673657473223a5b34382c35305d7d7dfdffffffffffffff',
  '9a9999999999b93fcdcccc3d000000c0c2160100e6b1617f000000000000008007000000ffffffff003e',
].join('');

/** Put together with Python's json and struct: the header has an odd length, so that no range is aligned. */
const fromStruct = [
  '91010000000000007b2268616c66223a207b226474797065223a2022463136222c20227368617065223a205b335d2c20',
  '22646174615f6f666673657473223a205b302c20365d7d2c2022627261696e223a207b226474797065223a2022424631',
  '36222c20227368617065223a205b315d2c2022646174615f6f666673657473223a205b362c20385d7d2c20227369676e',
  '6564223a207b226474797065223a2022493332222c20227368617065223a205b315d2c2022646174615f6f6666736574',
  '73223a205b382c2031325d7d2c2022696e646578223a207b226474797065223a2022553332222c20227368617065223a',
  '205b325d2c2022646174615f6f666673657473223a205b31322c2032305d7d2c2022646f75626c65223a207b22647479',
  '7065223a2022463634222c20227368617065223a205b5d2c2022646174615f6f666673657473223a205b32302c203238',
  '5d7d2c20226e6f6e65223a207b226474797065223a2022463332222c20227368617065223a205b302c20345d2c202264',
  '6174615f6f666673657473223a205b32382c2032385d7d7d20',
  '003e00b4000449c0fbffffff07000000ffffffff9a9999999999b93f',
].join('');

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

/** A file of this header and these data, with nothing checked. */
function file(header: string | Uint8Array, dataBytes = 0): Uint8Array {
  const text = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + text.length + dataBytes);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 8);
  return bytes;
}

const info = (dtype: string, shape: string, offsets: string) =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}`;

function refusal(f: () => unknown): SafetensorsError {
  try {
    f();
  } catch (error) {
    expect(error).toBeInstanceOf(SafetensorsError);
    return error as SafetensorsError;
  }
  throw new Error('was not refused');
}

const weights: SafetensorsInput = { shape: [2, 3], values: Float32Array.of(0.1, -2, 1e-40, 3e38, 0, -0) };
const sample = () =>
  new Map<string, SafetensorsInput>([
    ['weight', weights],
    ['scalar', { shape: [], values: Float64Array.of(0.1) }],
    ['index', { shape: [1], values: Uint32Array.of(4294967295) }],
    ['empty', { shape: [0, 7], values: new Float32Array(0) }],
    ['__proto__', { shape: [1], values: Float32Array.of(NaN) }],
    ['größe "\\', { shape: [1, 1], values: Float64Array.of(Infinity) }],
  ]);

test('golden bytes', () => {
  const tensors = new Map([['a', { shape: [1, 2], values: Float32Array.of(1, -2) }]]);
  const header = '{"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}       ';
  expect(header.length).toBe(88);
  const length = '5800000000000000';
  const data = '0000803f000000c0';
  const expected = length + Buffer.from(header).toString('hex') + data;
  expect(Buffer.from(encodeSafetensors(tensors, { k: 'v' })).toString('hex')).toBe(expected);
  expect(Buffer.from(encodeSafetensors(new Map())).toString('hex')).toBe('08000000000000007b7d202020202020');
});

test('a round trip keeps names, order, shapes and bits; equal input gives equal bytes', () => {
  const metadata = JSON.parse('{"__proto__":"x","step":"7"}') as Record<string, string>;
  const bytes = encodeSafetensors(sample(), metadata);
  expect(encodeSafetensors(sample(), metadata)).toEqual(bytes);
  expect((bytes[0]! + 8) % 8).toBe(0);
  const { tensors, metadata: read } = decodeSafetensors(bytes);
  expect([...tensors.keys()]).toEqual([...sample().keys()]);
  for (const [name, { shape, values }] of sample()) {
    expect(tensors.get(name)).toEqual({ shape, values, dtype: expect.any(String) });
  }
  expect(Object.getPrototypeOf(read)).toBe(null);
  expect(Object.entries(read)).toEqual([
    ['__proto__', 'x'],
    ['step', '7'],
  ]);
  expect(encodeSafetensors(tensors, read)).toEqual(bytes);
});

test('numbers are copies, and the file may lie anywhere in its memory', () => {
  const bytes = encodeSafetensors(sample());
  const memory = Buffer.alloc(bytes.length + 3);
  memory.set(bytes, 3);
  const { tensors } = decodeSafetensors(memory.subarray(3));
  memory.fill(255);
  expect(tensors.get('weight')!.values).toEqual(weights.values);
});

test('reads what the reference implementation writes', () => {
  const { tensors, metadata } = decodeSafetensors(fromHex(fromNumpy));
  expect({ ...metadata }).toEqual({ format: 'np' });
  expect(Object.fromEntries(tensors)).toEqual({
    n: { dtype: 'I64', shape: [], values: Float64Array.of(-3) },
    d: { dtype: 'F64', shape: [1], values: Float64Array.of(0.1) },
    größe: { dtype: 'F32', shape: [0, 4], values: new Float32Array(0) },
    w: { dtype: 'F32', ...weights },
    u: { dtype: 'U32', shape: [2], values: Uint32Array.of(7, 4294967295) },
    b: { dtype: 'F16', shape: [1], values: Float32Array.of(1.5) },
  });
});

test('reads unaligned ranges, and widens what it cannot hold', () => {
  const { tensors } = decodeSafetensors(fromHex(fromStruct));
  expect(Object.fromEntries([...tensors].map(([name, { values }]) => [name, values]))).toEqual({
    half: Float32Array.of(1.5, -0.25, 6.103515625e-5),
    brain: Float32Array.of(-3.140625),
    signed: Float64Array.of(-5),
    index: Uint32Array.of(7, 4294967295),
    double: Float64Array.of(0.1),
    none: new Float32Array(0),
  });
});

test.each([
  [0x0000, 0],
  [0x8000, -0],
  [0x0001, 2 ** -24],
  [0x03ff, 1023 * 2 ** -24],
  [0x0400, 2 ** -14],
  [0x3555, 0.333251953125],
  [0xc000, -2],
  [0x7bff, 65504],
  [0x7c00, Infinity],
  [0xfc00, -Infinity],
  [0x7e00, NaN],
])('F16 %i is %f', (bits, expected) => {
  const bytes = file(`{"h":${info('F16', '[1]', '[0,2]')}}`, 2);
  new DataView(bytes.buffer).setUint16(bytes.length - 2, bits, true);
  expect(decodeSafetensors(bytes).tensors.get('h')!.values).toEqual(Float32Array.of(expected));
});

const f32 = info('F32', '[1]', '[0,4]');
const big = '9007199254740993';

/** What each file does wrong, the file, and the code of the error. The first ones are the reference's own tests. */
const broken: readonly [string, Uint8Array, SafetensorsErrorCode][] = [
  ['no file', new Uint8Array(0), 'header-too-small'],
  ['seven bytes', new Uint8Array(7), 'header-too-small'],
  ['a header over the limit', Uint8Array.of(0, 0, 0, 8, 0, 0, 0, 0), 'header-too-large'],
  ['a header of 2^63 bytes', Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 128, 123, 125), 'header-too-large'],
  ['a header longer than the file', Uint8Array.of(60, 0, 0, 0, 0, 0, 0, 0, 123, 125), 'header-length'],
  ['no header', new Uint8Array(8), 'header-syntax'],
  ['bytes that are not UTF-8', file(Uint8Array.of(123, 0xff, 125)), 'header-text'],
  ['half a surrogate pair as UTF-8', file(Uint8Array.of(123, 34, 0xed, 0xa0, 0x80, 34)), 'header-text'],
  ['half a surrogate pair as an escape', file(`{"\\ud800":${f32}}`, 4), 'header-text'],
  ['a byte order mark', file(`\ufeff{"a":${f32}}`, 4), 'header-syntax'],
  ['a space first', file(` {"a":${f32}}`, 4), 'header-syntax'],
  ['zeros as padding', file(`{"a":${f32}}\0`, 4), 'header-syntax'],
  ['a list', file('[]'), 'header-syntax'],
  ['an open object', file('{'), 'header-syntax'],
  ['an open string', file('{"a'), 'header-syntax'],
  ['an open escape', file('{"a\\'), 'header-syntax'],
  ['a bad escape', file(`{"\\x61":${f32}}`, 4), 'header-syntax'],
  ['a line break in a name', file(`{"\n":${f32}}`, 4), 'header-syntax'],
  ['a comma too many', file(`{"a":${f32},}`, 4), 'header-syntax'],
  ['two objects', file(`{"a":${f32}}{}`, 4), 'header-syntax'],
  ['100,000 brackets', file(`{"a":${'['.repeat(100_000)}`), 'header-syntax'],
  ['null', file('{"a":null}'), 'header-syntax'],
  ['a negative size', file(`{"a":${info('F32', '[-1]', '[0,4]')}}`, 4), 'header-syntax'],
  ['a fraction', file(`{"a":${info('F32', '[1.0]', '[0,4]')}}`, 4), 'header-syntax'],
  ['an exponent', file(`{"a":${info('F32', '[1e0]', '[0,4]')}}`, 4), 'header-syntax'],
  ['a leading zero', file(`{"a":${info('F32', '[01]', '[0,4]')}}`, 4), 'header-syntax'],
  ['a name twice', file(`{"a":${f32},"a":${f32}}`, 4), 'duplicate-name'],
  ['a name twice, once escaped', file(`{"a":${f32},"\\u0061":${f32}}`, 4), 'duplicate-name'],
  ['__proto__ twice', file(`{"__proto__":${f32},"__proto__":${f32}}`, 4), 'duplicate-name'],
  ['a field twice', file(`{"a":${f32.replace('{', '{"dtype":"F32",')}}`, 4), 'duplicate-name'],
  ['metadata twice', file('{"__metadata__":{},"__metadata__":{}}'), 'duplicate-name'],
  ['a metadata key twice', file('{"__metadata__":{"k":"1","k":"2"}}'), 'duplicate-name'],
  ['a number as metadata', file('{"__metadata__":{"k":1}}'), 'metadata'],
  ['an object as metadata', file('{"__metadata__":{"k":{}}}'), 'metadata'],
  ['a string instead of metadata', file('{"__metadata__":"k"}'), 'metadata'],
  ['a number instead of a tensor', file('{"a":1}'), 'tensor-info'],
  ['a list instead of a tensor', file('{"a":[]}'), 'tensor-info'],
  [
    '__proto__ as a field',
    file('{"a":{"__proto__":{},"dtype":"F32","shape":[],"data_offsets":[0,4]}}', 4),
    'tensor-info',
  ],
  ['no fields', file('{"a":{}}'), 'tensor-info'],
  ['no shape', file('{"a":{"dtype":"F32","data_offsets":[0,4]}}', 4), 'tensor-info'],
  ['no offsets', file('{"a":{"dtype":"F32","shape":[1]}}', 4), 'tensor-info'],
  ['a field too many', file(`{"a":${f32.replace('{', '{"more":"1",')}}`, 4), 'tensor-info'],
  ['a number as dtype', file('{"a":{"dtype":1,"shape":[1],"data_offsets":[0,4]}}', 4), 'tensor-info'],
  ['a string as size', file(`{"a":${info('F32', '["1"]', '[0,4]')}}`, 4), 'tensor-info'],
  ['a string as shape', file(`{"a":${info('F32', '"1"', '[0,4]')}}`, 4), 'tensor-info'],
  ['one offset', file(`{"a":${info('F32', '[1]', '[0]')}}`, 4), 'tensor-info'],
  ['three offsets', file(`{"a":${info('F32', '[1]', '[0,4,4]')}}`, 4), 'tensor-info'],
  ['rank 65', file(`{"a":${info('F32', JSON.stringify(Array(65).fill(1)), '[0,4]')}}`, 4), 'tensor-info'],
  ['an unknown dtype', file(`{"a":${info('f32', '[1]', '[0,4]')}}`, 4), 'dtype'],
  ['a dtype that is not read', file(`{"a":${info('BOOL', '[4]', '[0,4]')}}`, 4), 'dtype'],
  ['a dtype of Object.prototype', file(`{"a":${info('constructor', '[4]', '[0,4]')}}`, 4), 'dtype'],
  ['a size over 2^53', file(`{"a":${info('F32', `[${big}]`, '[0,4]')}}`, 4), 'overflow'],
  ['an offset over 2^53', file(`{"a":${info('F32', '[1]', `[0,${big}]`)}}`, 4), 'overflow'],
  ['a product over 2^53', file(`{"a":${info('F32', '[67108864,67108864]', '[0,4]')}}`, 4), 'overflow'],
  [
    'a product over 2^53 before a zero',
    file(`{"a":${info('F32', '[67108864,67108864,0]', '[0,0]')}}`),
    'overflow',
  ],
  ['a shape too large', file(`{"a":${info('F32', '[2]', '[0,4]')}}`, 4), 'size-mismatch'],
  ['a shape too small', file(`{"a":${info('F32', '[]', '[0,8]')}}`, 8), 'size-mismatch'],
  ['a dtype too wide', file(`{"a":${info('F64', '[1]', '[0,4]')}}`, 4), 'size-mismatch'],
  ['offsets that run backwards', file(`{"a":${info('F32', '[1]', '[4,0]')}}`, 4), 'offsets'],
  ['an overlap', file(`{"a":${f32},"b":${info('F16', '[2]', '[2,6]')}}`, 6), 'offsets'],
  ['a range shared by two', file(`{"a":${f32},"b":${f32}}`, 4), 'offsets'],
  ['a hole in front', file(`{"a":${info('F32', '[1]', '[4,8]')}}`, 8), 'offsets'],
  ['a hole', file(`{"a":${f32},"b":${info('F32', '[1]', '[8,12]')}}`, 12), 'offsets'],
  [
    'an empty tensor in the middle of another',
    file(`{"a":${f32},"b":${info('F32', '[0]', '[2,2]')}}`, 4),
    'offsets',
  ],
  ['data cut off', file(`{"a":${f32}}`, 3), 'incomplete'],
  ['something appended', file(`{"a":${f32}}`, 5), 'incomplete'],
  ['data without a tensor', file('{}', 1), 'incomplete'],
];

test.each(broken)('refuses %s', (_, bytes, code) => {
  const error = refusal(() => decodeSafetensors(bytes));
  expect([error.code, error.message]).toEqual([code, expect.stringMatching(/^safetensors: /)]);
  expect(error.message.length).toBeLessThan(400);
});

test('accepts the odd but right', () => {
  expect(decodeSafetensors(file('{}')).tensors.size).toBe(0);
  const reversed = file(
    `{"b":${info('F32', '[1]', '[4,8]')},"e":${info('F32', '[0,9]', '[4,4]')},"a":${f32}}\n `,
    8,
  );
  expect([...decodeSafetensors(reversed).tensors.keys()]).toEqual(['b', 'e', 'a']);
  const shadowing = file(`{"__proto__":${f32},"constructor":${info('F32', '[]', '[4,8]')}}`, 8);
  expect([...decodeSafetensors(shadowing).tensors.keys()]).toEqual(['__proto__', 'constructor']);
});

test('an I64 over 2^53 is refused, not rounded', () => {
  const bytes = file(`{"n":${info('I64', '[1]', '[0,8]')}}`, 8);
  new DataView(bytes.buffer).setBigInt64(bytes.length - 8, 2n ** 53n + 1n, true);
  expect(refusal(() => decodeSafetensors(bytes)).code).toBe('value');
});

test('the header limit can be moved, up to 100 MB', () => {
  const bytes = file(`{"a":${f32}}${' '.repeat(1000)}`, 4);
  expect(refusal(() => decodeSafetensors(bytes, { maxHeaderBytes: 999 })).message).toMatch(
    /raise maxHeaderBytes/,
  );
  expect(decodeSafetensors(bytes, { maxHeaderBytes: 2000 }).tensors.size).toBe(1);
  const huge = Uint8Array.of(1, 0xe1, 0xf5, 5, 0, 0, 0, 0); // 100,000,001
  expect(refusal(() => decodeSafetensors(huge, { maxHeaderBytes: Infinity })).code).toBe('header-too-large');
});

const one = { shape: [1], values: Float32Array.of(1) };

test.each<[string, string, SafetensorsInput, Record<string, unknown>, SafetensorsErrorCode]>([
  ['a shape of another size', 'a', { ...one, shape: [2] }, {}, 'size-mismatch'],
  ['a shape that is none', 'a', { ...one, shape: [-1, -1] }, {}, 'tensor-info'],
  ['the name of the metadata', '__metadata__', one, {}, 'tensor-info'],
  ['half a surrogate pair', '\ud800', one, {}, 'header-text'],
  ['metadata that are no strings', 'a', one, { k: 1 }, 'metadata'],
])('does not write %s', (_, name, input, metadata, code) => {
  const write = () => encodeSafetensors(new Map([[name, input]]), metadata as Record<string, string>);
  expect(refusal(write).code).toBe(code);
});

test('whatever is done to a file: it is read, or refused with SafetensorsError', () => {
  const random = mulberry32(20230523);
  const below = (limit: number) => Math.floor(random() * limit);
  const before = Object.getOwnPropertyNames(Object.prototype);
  const originals = [fromHex(fromNumpy), fromHex(fromStruct), encodeSafetensors(sample(), { k: 'v' })];
  const tokens = [
    '"',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '\\',
    '0',
    '9',
    '-',
    'e9',
    '__proto__',
    'constructor',
    '"a":',
    'null',
  ];
  const codes = new Set<string>();
  let accepted = 0;
  for (let i = 0; i < 6000; i++) {
    let bytes: Uint8Array = originals[i % originals.length]!.slice();
    for (let changes = 1 + below(3); changes > 0; changes--) bytes = mutate(bytes, below, tokens);
    try {
      const { tensors } = decodeSafetensors(bytes);
      accepted++;
      for (const { shape, values } of tensors.values())
        expect(values.length).toBe(shape.reduce((a, b) => a * b, 1));
    } catch (error) {
      if (!(error instanceof SafetensorsError)) throw error;
      codes.add(error.code);
    }
  }
  expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
  expect(accepted).toBeGreaterThan(100);
  expect(codes.size).toBeGreaterThan(8);
});

function mutate(bytes: Uint8Array, below: (limit: number) => number, tokens: readonly string[]): Uint8Array {
  if (bytes.length < 16) return bytes;
  const headerEnd = Math.min(bytes.length, 8 + bytes[0]! + bytes[1]! * 256);
  const at = below(4) === 0 ? below(bytes.length) : below(headerEnd);
  const kind = below(6);
  if (kind === 0) bytes[at] = below(256);
  else if (kind === 1) bytes[at]! ^= 1 << below(8);
  else if (kind === 2) return bytes.slice(0, at);
  else if (kind === 3) return splice(bytes, at, below(20), new Uint8Array(0));
  else if (kind === 4)
    return splice(bytes, at, below(2) * 3, new TextEncoder().encode(tokens[below(tokens.length)]));
  else return splice(bytes, at, 0, bytes.slice(below(at + 1), at));
  return bytes;
}

/** Replaces bytes; inside of the header its length is kept right, so that the change gets past the first check. */
function splice(bytes: Uint8Array, at: number, deleted: number, inserted: Uint8Array): Uint8Array {
  const removed = Math.min(deleted, bytes.length - at);
  const result = new Uint8Array(bytes.length - removed + inserted.length);
  result.set(bytes.subarray(0, at));
  result.set(inserted, at);
  result.set(bytes.subarray(at + removed), at + inserted.length);
  const view = new DataView(result.buffer);
  if (at >= 8) view.setUint32(0, view.getUint32(0, true) + inserted.length - removed, true);
  return result;
}

/** Tommy Ettinger's mulberry32: uniform numbers in [0, 1) from a seed. */
function mulberry32(state: number): () => number {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
