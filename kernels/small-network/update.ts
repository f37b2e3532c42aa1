/** The optimiser's update of all vectors, by the text of the ordinary kernels, and its guard. */
import type { SmallTraining } from './description.ts';
import { overLanes } from './lanes.ts';
import { eachVector, type Vectors } from './vectors.ts';

/** The name of an optimiser's number among the uniforms, which a loss has as well. */
export function updateUniform(name: string): string {
  return `update${name[0]!.toUpperCase()}${name.slice(1)}`;
}

/** The private array of a moment. */
export function momentArray(moment: string): string {
  return `${moment}s`;
}

function renamed(text: string): string {
  return text.replaceAll(/\buniforms\.(\w+)/g, (_, name: string) => `uniforms.${updateUniform(name)}`);
}

/** WGSL statements, where `norm` has the squared norm and `stopped` the step that was skipped first, or 0. */
export function updateOf({ update, isClipped, lanes }: SmallTraining, vectors: Vectors): string {
  const { moments, setup, code } = update;
  const magnitudes = ['parameter', ...moments.map((name) => `old_${name}`)].map(
    (name) => `magnitude(${name})`,
  );
  const each = (k: string) => `
      var gradient = G[${k}] * scale;
      var parameter = P[${k}];
      ${moments.map((name) => `let old_${name} = ${momentArray(name)}[${k}];`).join('\n      ')}
      let isLost = ${magnitudes.reduce((a, b) => `max(${a}, ${b})`)} >= 0x7f800000u;
      lost |= u32(isLost);
      ${renamed(code)}
      ${moments.map((name) => `${momentArray(name)}[${k}] = select(new_${name}, old_${name}, isLost);`).join('\n      ')}
      P[${k}] = select(settled(parameter), P[${k}], isLost);`;
  return `
  if ((bitcast<u32>(norm) & 0x7f800000u) >= uniforms.normBound && stopped == 0u) { stopped = number; }
  var lost = 0u;
  if (stopped == 0u) {
    let rate = stepValue(uniforms.learningRate);
    let scale = ${isClipped ? 'min(1.0, uniforms.maxNorm / (sqrt(norm) + 1e-6))' : '1.0'};
    ${renamed(setup)}
    ${eachVector(vectors, true, each)}
  }
  ${overLanes('lost', '|', lanes)}
  if (stopped == 0u && lost != 0u) { stopped = number; }`;
}
