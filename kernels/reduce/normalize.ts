/**
 * Normalisation of a tensor (models, outer, channels, inner) by a mean and a variance for each channel of each model, and its gradient. An
 * invocation takes up to eight items of a row, numbers or vec4s, so that it looks its channel up once; a vec4 must lie
 * in one row, so `isVector` wants an inner size that 4 divides.
 */
import { defineKernel, type Kernel } from '../kernel.ts';
import { wgsl } from '../wgsl.ts';

interface NormalizeShape {
  hasScale: boolean;
  hasBias: boolean;
  isVector: boolean;
}

/** Items of a row that an invocation takes. */
const CHUNK = 8;

/** Rows are models · outer · channels, `modelRows` of them a model's, with `items` each, in `chunks` parts. */
type Uniform = 'rows' | 'modelRows' | 'channels' | 'items' | 'chunks' | 'eps';

const uniforms = {
  rows: 'u32',
  modelRows: 'u32',
  channels: 'u32',
  items: 'u32',
  chunks: 'u32',
  eps: 'f32',
} as const;

/** The uniforms for a tensor of this shape, and the invocations. */
export function rowsOf(
  [models, outer, channels, inner]: readonly [number, number, number, number],
  isVector: boolean,
) {
  const items = isVector ? inner / 4 : inner;
  const chunks = Math.ceil(items / CHUNK);
  const modelRows = outer * channels;
  const rows = models * modelRows;
  return { uniforms: { rows, modelRows, channels, items, chunks }, invocations: rows * chunks };
}

/** The `main` that computes `once` for a `channel`, and `each` for every item `i`. */
function main(once: string, each: string): string {
  return `
@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let number = workgroupIndex(wid) * WORKGROUP_SIZE + lane;
  let row = number / uniforms.chunks;
  if (row < uniforms.rows) {
    let channel = row / uniforms.modelRows * uniforms.channels + row % uniforms.channels;
    let deviation = sqrt(variance[channel] + uniforms.eps);
    ${once}
    let begin = number % uniforms.chunks * ${CHUNK}u;
    let end = row * uniforms.items + min(begin + ${CHUNK}u, uniforms.items);
    for (var i = row * uniforms.items + begin; i < end; i++) {
      ${each}
    }
  }
}
`;
}

function channelOf(
  i: number,
  { items, channels, modelRows }: Record<Uniform, number>,
  isVector: boolean,
): number {
  const row = Math.floor(i / (isVector ? 4 * items : items));
  return Math.floor(row / modelRows) * channels + (row % channels);
}

/** y = (x - mean) / √(variance + eps) · scale + bias. */
export function normalizeKernel({ hasScale, hasBias, isVector }: NormalizeShape): Kernel {
  const element = isVector ? 'vec4f' : 'f32';
  return defineKernel<string, string, Uniform>({
    name: 'normalize',
    inputs: {
      x: element,
      mean: 'f32',
      variance: 'f32',
      ...(hasScale ? { scale: 'f32' } : {}),
      ...(hasBias ? { bias: 'f32' } : {}),
    },
    outputs: { y: element },
    uniforms,
    code: main(
      wgsl`
    let center = mean[channel];
    let slope = ${hasScale ? 'scale[channel]' : '1.0'};
    let shift = ${hasBias ? 'bias[channel]' : '0.0'};`,
      wgsl`y[i] = (x[i] - center) / deviation * slope + shift;`,
    ),
    reference({ x, mean, variance, scale, bias }, given, { y }) {
      for (const [i, value] of x!.entries()) {
        const channel = channelOf(i, given, isVector);
        const normal = (value - mean![channel]!) / Math.sqrt(variance![channel]! + given.eps);
        y![i] = normal * (scale?.[channel] ?? 1) + (bias?.[channel] ?? 0);
      }
    },
  });
}

/**
 * The gradient by x where mean and variance are those of x itself, from the sums of `gradientSums`:
 * dx = scale / √(variance + eps) · (g - Σ g / m - x̂ Σ g x̂ / m), for m numbers in a channel.
 */
export function normalizeGradKernel({ hasScale, isVector }: Omit<NormalizeShape, 'hasBias'>): Kernel {
  const element = isVector ? 'vec4f' : 'f32';
  return defineKernel<string, string, Uniform | 'count'>({
    name: 'normalize-grad',
    inputs: {
      x: element,
      g: element,
      mean: 'f32',
      variance: 'f32',
      plain: 'f32',
      weighted: 'f32',
      ...(hasScale ? { scale: 'f32' } : {}),
    },
    outputs: { dx: element },
    uniforms: { ...uniforms, count: 'f32' },
    code: main(
      wgsl`
    let center = mean[channel];
    let average = plain[channel] / uniforms.count;
    let along = weighted[channel] / uniforms.count;
    let slope = ${hasScale ? 'scale[channel]' : '1.0'} / deviation;`,
      wgsl`
      let rest = g[i] - average;
      dx[i] = (rest - (x[i] - center) / deviation * along) * slope;`,
    ),
    reference({ x, g, mean, variance, plain, weighted, scale }, given, { dx }) {
      for (const [i, value] of x!.entries()) {
        const channel = channelOf(i, given, isVector);
        const deviation = Math.sqrt(variance![channel]! + given.eps);
        const normal = (value - mean![channel]!) / deviation;
        const rest = g![i]! - (plain![channel]! + normal * weighted![channel]!) / given.count;
        dx![i] = ((scale?.[channel] ?? 1) * rest) / deviation;
      }
    },
  });
}
