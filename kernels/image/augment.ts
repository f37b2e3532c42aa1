/** Random changes of images that leave what they show the same. */
import { defineKernel } from '../kernel.ts';
import { mulHigh, philox, philoxSource } from '../random/philox.ts';
import { numberOf, placeTypes, stepNumber, unit } from '../random/random.ts';
import { wgsl } from '../wgsl.ts';

/**
 * Each image of (seeds, images, channels, height, width) is moved by up to `shiftX` and `shiftY` whole pixels either way, with its
 * edge repeated where nothing is left, then y = (1 + contrast·u)·x + brightness·v, u and v uniform in [-1, 1). All four
 * come from one Philox call of its seed, whose block is the image's number among the seed's. An invocation copies a line; dispatch
 * one for each of a seed, and the seeds along z. `seeds` holds two words of each key.
 */
export const augmentImages = defineKernel({
  name: 'augment',
  inputs: { x: 'f32', seeds: 'u32' },
  outputs: ['y'],
  uniforms: {
    ...placeTypes,
    linesEach: 'u32',
    height: 'u32',
    width: 'u32',
    shiftX: 'u32',
    shiftY: 'u32',
    brightness: 'f32',
    contrast: 'f32',
  },
  readsStep: true,
  code: wgsl`
${philoxSource}

fn signed(word: u32) -> f32 { return f32(i32(word >> 8u) - 8388608) * 1.1920928955078125e-7; }  // 2^-23: in [-1, 1)

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let part = partOf(vec3u(wid.xy, 0u), groups, uniforms.size);
  let key = vec2u(seeds[2u * wid.z], seeds[2u * wid.z + 1u]);
  let first = wid.z * uniforms.size;
  for (var line = part.x + lane; line < part.y; line += WORKGROUP_SIZE) {
    let counter = vec4u(line / uniforms.linesEach, uniforms.call, ${stepNumber}, uniforms.stream);
    let words = philox4x32(counter, key);
    let moveX = i32(mulHigh_(words.x, 2u * uniforms.shiftX + 1u)) - i32(uniforms.shiftX);
    let moveY = i32(mulHigh_(words.y, 2u * uniforms.shiftY + 1u)) - i32(uniforms.shiftY);
    let gain = uniforms.contrast * signed(words.z) + 1.0;
    let lift = uniforms.brightness * signed(words.w);
    let row = line % uniforms.height;
    let above = clamp(i32(row) + moveY, 0, i32(uniforms.height) - 1);
    let source = (first + line - row + u32(above)) * uniforms.width;
    let to = (first + line) * uniforms.width;
    for (var column = 0u; column < uniforms.width; column++) {
      let place = clamp(i32(column) + moveX, 0, i32(uniforms.width) - 1);
      y[to + column] = x[source + u32(place)] * gain + lift;
    }
  }
}
`,
  reference({ x, seeds }, { call, stream, ...sizes }, { y }, step) {
    const { size, linesEach, height, width, shiftX, shiftY, brightness, contrast } = sizes;
    const signed = (word: number) => 2 * unit(word) - 1;
    const within = (place: number, length: number) => Math.max(0, Math.min(length - 1, place));
    for (let at = 0; at < (size * seeds.length) / 2; at++) {
      const [seed, line] = [Math.floor(at / size), at % size];
      const counter = [Math.floor(line / linesEach), call, numberOf(sizes.atStep, step), stream] as const;
      const words = philox(counter, [seeds[2 * seed]!, seeds[2 * seed + 1]!]);
      const moveX = mulHigh(words[0], 2 * shiftX + 1) - shiftX;
      const moveY = mulHigh(words[1], 2 * shiftY + 1) - shiftY;
      const row = line % height;
      const source = at - row + within(row + moveY, height);
      for (let column = 0; column < width; column++) {
        const value = x[source * width + within(column + moveX, width)]!;
        y[at * width + column] = value * (1 + contrast * signed(words[2])) + brightness * signed(words[3]);
      }
    }
  },
});
