/**
 * Random numbers by Philox. Every value is a function of (element, call, step, stream) and the seed:
 * nothing is stored, so a resumed run draws what an uninterrupted one would. A lane makes the four elements
 * of one Philox call; dispatch ceil(size / valuesPerLane) lanes.
 */
import { defineKernel, type Reference, type StepValues } from '../kernel.ts';
import { keyOf, philox, philoxSource } from './philox.ts';
import { wgsl } from '../wgsl.ts';

export const valuesPerLane = 4;

/**
 * One stream a purpose, so that more draws for one never shift another's. `call` counts the draws of a
 * stream within a step.
 */
export const streams = {
  initialisation: 1,
  shuffling: 2,
  noise: 3,
  dropout: 4,
  synthetic: 5,
  data: 6,
  augmentation: 7,
} as const;

/** The uniforms of who has the seeds elsewhere. */
export const placeTypes = { size: 'u32', call: 'u32', atStep: 'u32', stream: 'u32' } as const;

/** The uniforms that a drawing kernel has. */
export const drawTypes = { ...placeTypes, seedLow: 'u32', seedHigh: 'u32' } as const;

/** `atStep` that stands for the step buffer's number. */
const CURRENT = 0xffffffff;

/** The number of the step that is drawn for, in WGSL and on the host. */
export const stepNumber = `select(uniforms.atStep, step.number, uniforms.atStep == ${CURRENT}u)`;

export const numberOf = (atStep: number, step: StepValues): number =>
  atStep === CURRENT ? step.number : atStep;

interface Place {
  stream: number;
  call?: number;
  step?: number;
}

/** The uniforms that say which numbers of a seed are meant: of the current step unless `step` names another. */
export function placeUniforms(
  size: number,
  { stream, call = 0, step = CURRENT }: Place,
): Record<keyof typeof placeTypes, number> {
  return { size, call, atStep: step, stream };
}

/** The same, and the seed. */
export function drawUniforms(
  size: number,
  { seed, ...place }: Place & { seed: number },
): Record<keyof typeof drawTypes, number> {
  const [seedLow, seedHigh] = keyOf(seed);
  return { ...placeUniforms(size, place), seedLow, seedHigh };
}

/** Where numbers come from and go to: with several seeds, `size` values for each, dispatched along z. */
const places = {
  one: { key: 'vec2u(uniforms.seedLow, uniforms.seedHigh)', start: '0u' },
  many: { key: 'vec2u(seeds[2u * wid.z], seeds[2u * wid.z + 1u])', start: 'wid.z * uniforms.size' },
} as const;

/** `values` is the body of a WGSL function from four random words to four values. */
/* @__NO_SIDE_EFFECTS__ */
function perBlock(values: string, { key, start }: (typeof places)[keyof typeof places] = places.one): string {
  return wgsl`
${philoxSource}

fn unit(word: u32) -> f32 { return f32(word >> 8u) * 5.9604644775390625e-8; }  // 2^-24: exact, in [0, 1)

fn values(words: vec4u) -> vec4f {
${values}
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let block = workgroupIndex(wid) * WORKGROUP_SIZE + lane;
  let counter = vec4u(block, uniforms.call, ${stepNumber}, uniforms.stream);
  let four = values(philox4x32(counter, ${key}));
  for (var j = 0u; j < 4u; j++) {
    let i = block * 4u + j;
    if (i < uniforms.size) { y[${start} + i] = four[j]; }
  }
}
`;
}

type Where = keyof typeof drawTypes;

/** The CPU reference: `values` turns the four words of a block into its four values. */
/* @__NO_SIDE_EFFECTS__ */
function reference<U extends string>(
  values: (words: readonly number[], uniforms: Record<U, number>) => number[],
): Reference<never, 'y', Where | U> {
  return (_, uniforms, { y }, step) => {
    const { size, call, atStep, stream, seedLow, seedHigh } = uniforms as Record<Where, number>;
    const number = numberOf(atStep, step);
    for (let block = 0; block * valuesPerLane < size; block++) {
      const words = philox([block, call, number, stream], [seedLow, seedHigh]);
      const start = block * valuesPerLane;
      y.set(values(words, uniforms).slice(0, size - start), start);
    }
  };
}

/** A draw for each of several seeds, one after another: each as it would be alone. `seeds` holds two words of each key. */
/* @__NO_SIDE_EFFECTS__ */
function perSeed(name: string, values: string, one: Reference<never, 'y', Where>) {
  return defineKernel({
    name,
    inputs: { seeds: 'u32' },
    outputs: ['y'],
    uniforms: placeTypes,
    readsStep: true,
    code: perBlock(values, places.many),
    reference({ seeds }, uniforms, { y }, step) {
      for (let s = 0; s < seeds.length / 2; s++) {
        const own = { ...uniforms, seedLow: seeds[2 * s]!, seedHigh: seeds[2 * s + 1]! };
        one({} as never, own, { y: y.subarray(s * uniforms.size, (s + 1) * uniforms.size) }, step);
      }
    },
  });
}

/** A uniform number in [0, 1) from the upper 24 bits of a word. */
export const unit = (word: number): number => (word >>> 8) * 2 ** -24;

const uniformWgsl = '  return vec4f(unit(words.x), unit(words.y), unit(words.z), unit(words.w));';
const uniformReference = reference((words) => words.map(unit));

/** Uniform on [0, 1): multiples of 2^-24. */
export const randomUniform = defineKernel({
  name: 'random-uniform',
  inputs: [],
  outputs: ['y'],
  uniforms: drawTypes,
  readsStep: true,
  code: perBlock(uniformWgsl),
  reference: uniformReference,
});
export const randomUniformSeeds = perSeed('random-uniform-seeds', uniformWgsl, uniformReference);

const normalWgsl = wgsl`
  let u = vec2f(unit(words.x), unit(words.z)) + 5.9604644775390625e-8;
  let angle = vec2f(unit(words.y), unit(words.w)) * 6.28318531;
  let radius = sqrt(abs(vec2f(log_(u.x), log_(u.y)) * 2.0));
  return vec4f(
    radius.x * cos_(angle.x), radius.x * sin_(angle.x),
    radius.y * cos_(angle.y), radius.y * sin_(angle.y));`;
const normalReference = reference((words) => {
  const pair = (first: number, second: number): number[] => {
    const radius = Math.sqrt(-2 * Math.log(unit(first) + 2 ** -24));
    const angle = 2 * Math.PI * unit(second);
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  };
  return [...pair(words[0]!, words[1]!), ...pair(words[2]!, words[3]!)];
});

/**
 * Standard normal, two pairs a block: √(-2 ln u) (cos 2πv, sin 2πv), u in (0, 1]; Box and Muller 1958.
 * So no value exceeds √(48 ln 2) = 5.77.
 */
export const randomNormal = defineKernel({
  name: 'random-normal',
  inputs: [],
  outputs: ['y'],
  uniforms: drawTypes,
  readsStep: true,
  code: perBlock(normalWgsl),
  reference: normalReference,
});
export const randomNormalSeeds = perSeed('random-normal-seeds', normalWgsl, normalReference);

/** Inverted dropout: 0 with probability `rate`, else `scale`, one by the share that is kept. */
export const dropoutMask = defineKernel({
  name: 'dropout-mask',
  inputs: [],
  outputs: ['y'],
  uniforms: { ...drawTypes, rate: 'f32', scale: 'f32' },
  readsStep: true,
  code: perBlock(wgsl`
  let u = vec4f(unit(words.x), unit(words.y), unit(words.z), unit(words.w));
  return select(vec4f(0.0), vec4f(uniforms.scale), u >= vec4f(uniforms.rate));`),
  reference: reference<'rate' | 'scale'>((words, { rate, scale }) =>
    words.map((word) => (unit(word) >= Math.fround(rate) ? scale : 0)),
  ),
});
