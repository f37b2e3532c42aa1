/** What a kernel is, and the borders of a kernel generated from its names. */
import { mathFor, type MathMode } from './math/math.ts';

export type Scalar = 'f32' | 'u32';
/**
 * What a kernel's array holds, and what it is in WGSL: floats one by one or in fours, integers, the bits of floats as
 * `u32`, or words, which are moved as `u32` whatever they mean (the outputs then mean what the inputs do).
 */
export type Element = Scalar | 'vec4f' | 'f32Bits' | 'word';

/** Values on the CPU backend: float64, whatever the element type is on the GPU. */
export type Floats = Float64Array;

/** What a kernel reads of the current training step; see `engine/step.ts`. */
export interface StepValues {
  readonly number: number;
  readonly values: ArrayLike<number>;
}

/**
 * A kernel is a value: WGSL, the names that cross its border, and the same arithmetic in
 * JavaScript. It knows nothing of devices, buffers or gradients.
 */
export interface Kernel<I extends string = string, O extends string = string, U extends string = string> {
  readonly name: string;
  /** Read only, in the order of their bindings. */
  readonly inputs: readonly I[];
  /** Written, or read and written where also named in `inout`. */
  readonly outputs: readonly O[];
  /** The outputs that exist before the dispatch and are changed in place. */
  readonly inout: readonly O[];
  /** What each input and output holds. */
  readonly elements: Readonly<Record<I | O, Element>>;
  readonly uniforms: Readonly<Record<U, Scalar>>;
  /** Whether the kernel reads the step buffer. */
  readonly readsStep: boolean;
  /** Whether it runs only where the backend's `subgroupSize` is not 0. */
  readonly usesSubgroups: boolean;
  /** Whether workgroups share all elements out by `partOf`: any number of workgroups will do. */
  readonly loops: boolean;
  readonly workgroupSize: readonly [number, number, number];
  /** Complete WGSL: bindings, portable mathematics and code. */
  readonly source: string;
  /** The same with WGSL's built-in mathematics, which differ from driver to driver. */
  readonly nativeSource: string;
  /** The oracle: what the GPU must compute. The CPU backend runs it in float64. */
  readonly reference?: Reference<I, O, U>;
}

export type Reference<I extends string, O extends string, U extends string> = (
  inputs: Record<I, Floats>,
  uniforms: Record<U, number>,
  outputs: Record<O, Floats>,
  step: StepValues,
) => void;

type Names<N extends string> = readonly N[] | Readonly<Record<N, Element>>;

export interface KernelDefinition<I extends string, O extends string, U extends string> {
  name: string;
  inputs: Names<I>;
  outputs: Names<O>;
  inout?: readonly NoInfer<O>[];
  uniforms?: Readonly<Record<U, Scalar>>;
  readsStep?: boolean;
  /** Whether the code calls the subgroup functions of WGSL, which not every adapter has. */
  usesSubgroups?: boolean;
  /** Up to three numbers; 64 if left out. */
  workgroupSize?: number | readonly number[];
  /** WGSL after the bindings: functions and `main`. May call the functions of `math.ts`, whose names end in _: `exp_(x)`. */
  code: string;
  reference?: Reference<I, O, U>;
}

/** Numbers in the step buffer that schedules may use: 60, so that the whole is 256 bytes. */
export const STEP_SLOTS = 60;

const WGSL_TYPES: Readonly<Record<Element, string>> = {
  f32: 'f32',
  u32: 'u32',
  vec4f: 'vec4f',
  f32Bits: 'u32',
  word: 'u32',
};

const STEP = `struct Step { number: u32, pad0: u32, pad1: u32, pad2: u32, values: array<vec4f, ${STEP_SLOTS / 4}> }
fn stepValue(slot: u32) -> f32 { return step.values[slot / 4u][slot % 4u]; }`;

/**
 * A workgroup's elements, from one to before another, in whole turns of its lanes. In one piece, because the caches under a software
 * adapter are slower by two to five times where its threads take turns, 64 elements each.
 */
const PART = `fn partOf(wid: vec3u, groups: vec3u, count: u32) -> vec2u {
  let turn = groups.x * groups.y * WORKGROUP_SIZE;
  let each = (count + turn - 1u) / turn * WORKGROUP_SIZE;
  let first = min(workgroupIndex(wid) * each, count);
  return vec2u(first, min(first + each, count));
}`;

/** WGSL refuses these as names although TypeScript does not; the ones that tempt an author. */
const RESERVED = new Set(
  'target where filter final from get set pass active common match mod move new of override package private public static super this throw typeof using with yield resource sample smooth unless varying volatile input output array bool f32 u32 i32 let var const fn struct if else for while loop switch case default break continue return true false discard enable alias'.split(
    ' ',
  ),
);

/** Prepends uniforms, bindings and the mathematics that `code` calls. Throws on a reserved or repeated name. */
/* @__NO_SIDE_EFFECTS__ */
export function defineKernel<const I extends string, const O extends string, const U extends string = never>(
  definition: KernelDefinition<I, O, U>,
): Kernel<I, O, U> {
  const { name, code, inout = [], readsStep = false, usesSubgroups = false, reference } = definition ?? {};
  if (typeof name !== 'string' || typeof code !== 'string')
    throw new Error('defineKernel: wants an object with a name and code, both texts');
  const uniforms = definition.uniforms ?? ({} as Record<U, Scalar>);
  checkTypes(name, 'uniforms', uniforms, ['f32', 'u32']);
  for (const side of ['inputs', 'outputs'] as const)
    if (!Array.isArray(definition[side])) checkTypes(name, side, definition[side], Object.keys(WGSL_TYPES));
  const inputs = elements(definition.inputs);
  const outputs = elements(definition.outputs);
  const workgroupSize = sizes(definition.workgroupSize ?? 64);
  checkNames(name, [...inputs.keys(), ...outputs.keys(), ...Object.keys(uniforms)]);

  const head = usesSubgroups ? ['enable subgroups;'] : [];
  head.push(`const WORKGROUP_SIZE = ${workgroupSize[0] * workgroupSize[1] * workgroupSize[2]}u;`);
  let binding = 0;
  const bind = (text: string) => head.push(`@group(0) @binding(${binding++}) ${text};`);
  const fields = Object.entries(uniforms).map(([key, type]) => `${key}: ${type}`);
  if (fields.length > 0) {
    head.push(`struct Uniforms { ${fields.join(', ')} }`);
    bind('var<uniform> uniforms: Uniforms');
  }
  for (const [key, type] of inputs) bind(`var<storage, read> ${key}: array<${WGSL_TYPES[type]}>`);
  for (const [key, type] of outputs) bind(`var<storage, read_write> ${key}: array<${WGSL_TYPES[type]}>`);
  if (readsStep) {
    bind('var<uniform> step: Step');
    head.push(STEP);
  }
  // A dispatch of more than 65,535 workgroups is folded into rows of 65,535.
  head.push('fn workgroupIndex(wid: vec3u) -> u32 { return wid.y * 65535u + wid.x; }');
  const loops = /\bpartOf\s*\(/.test(code);
  if (loops) head.push(PART);

  const sourceWith = (mode: MathMode) => `${head.join('\n')}\n${mathFor(code, mode)}${code}`;
  return {
    name,
    inputs: [...inputs.keys()],
    outputs: [...outputs.keys()],
    inout,
    elements: Object.fromEntries([...inputs, ...outputs]) as Record<I | O, Element>,
    uniforms,
    readsStep,
    usesSubgroups,
    loops,
    workgroupSize,
    source: sourceWith('portable'),
    nativeSource: sourceWith('native'),
    reference,
  };
}

function checkTypes(kernel: string, what: string, given: object, known: readonly string[]): void {
  if (given === null || typeof given !== 'object')
    throw new Error(`${kernel}: ${what} are missing; wants names, or types by name`);
  for (const [key, type] of Object.entries(given))
    if (!known.includes(type as string))
      throw new Error(`${kernel}: '${key}' among the ${what} is ${String(type)}; wants ${known.join(', ')}`);
}

function elements<N extends string>(names: Names<N>): Map<N, Element> {
  if (Array.isArray(names)) return new Map((names as readonly N[]).map((key) => [key, 'f32']));
  return new Map(Object.entries(names) as [N, Element][]);
}

function sizes(size: number | readonly number[]): [number, number, number] {
  const [x, y = 1, z = 1] = typeof size === 'number' ? [size] : size;
  return [x!, y, z];
}

/** @throws if a name is reserved in WGSL, taken, or not in camelCase. */
export function checkNames(kernel: string, names: readonly string[]): void {
  const seen = new Set<string>(['uniforms', 'step']);
  for (const key of names) {
    if (RESERVED.has(key))
      throw new Error(`${kernel}: '${key}' is a reserved word of WGSL; choose another name`);
    if (seen.has(key)) throw new Error(`${kernel}: the name '${key}' is used twice`);
    if (!/^[a-zA-Z][a-zA-Z0-9]*$/.test(key))
      throw new Error(`${kernel}: '${key}' is not a name in camelCase`);
    seen.add(key);
  }
}
