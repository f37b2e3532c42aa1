/**
 * A whole training of a small network in one kernel: many steps a dispatch, each from the batch to the update, with every bit of
 * the ordinary kernels. A workgroup is a seed, and its few lanes are one subgroup: they hand each other numbers, so there is no
 * memory that they share, and no barrier. Weights, moments and gradients stay with the lanes from step to step.
 */
import { defineKernel, type Kernel, type Scalar } from '../kernel.ts';
import { hiddenZero } from '../math/math-sum.ts';
import { restName, restsIn } from '../training/fused-loss.ts';
import { PADDING, updateFunctions } from '../training/optimizer.ts';
import { activationSource } from './activations.ts';
import { backwardPass, gradientSums, transposesSize, transposeWeights } from './backward.ts';
import type { SmallTraining } from './description.ts';
import { compileTime } from './compile-time.ts';
import { columnsOf, forwardPass } from './forward.ts';
import { blockArrays, loopOverRows } from './gradient-blocks.ts';
import { type Layout, layoutOf } from './layout.ts';
import { lossFunction, lossOfTurn, lossUniform, meanLoss, valuesSize } from './loss-value.ts';
import { normFunction, normOf } from './norm.ts';
import { momentArray, updateOf, updateUniform } from './update.ts';
import { eachVector } from './vectors.ts';
import { WORK_HEAD, WORK_WORDS } from './work.ts';

/** Words for each lane of each vector: its number in the optimiser's rows, in the parameters, and there per seed. */
export const PLACE_WORDS = 3;

/** Outputs of the kernel besides the parameters and the moments. */
const OTHERS = ['latch', 'losses'] as const;

/** Milliseconds of `compileTime`, at most; on idle cores it is less. */
const MOST_COMPILE_TIME = 1700;

/** The kernel of the longest turn that compiles fast enough; undefined if none does. */
export function fastNetworkKernel(training: Omit<SmallTraining, 'turn'>): Kernel | undefined {
  const vectors = layoutOf(training.network, training.lanes).places.length;
  for (const turn of [4, 2, 1] as const) {
    const kernel = smallNetworkKernel({ ...training, turn });
    if (compileTime(kernel.source, vectors) <= MOST_COMPILE_TIME) return kernel;
  }
  return undefined;
}

/**
 * The kernel, a workgroup a seed. `work` has what changes, `WORK_WORDS` and for each step its numbers of the step buffer, and
 * behind it, from `placesAt` on, where the lanes' numbers lie. `order` has a ring of `ring` rows a seed. `losses` is a ring of `capacity` steps, a number a seed.
 */
export function smallNetworkKernel(training: SmallTraining): Kernel {
  const { network, update, isClipped, lanes } = training;
  const layout = layoutOf(network, lanes);
  const inout = ['parameters', ...update.moments, ...OTHERS];
  return defineKernel<string, string, string>({
    name: 'small-network',
    inputs: { data: 'f32', work: 'u32', order: 'u32' },
    outputs: Object.fromEntries(inout.map((name) => [name, name === 'latch' ? 'u32' : 'f32'] as const)),
    inout,
    uniforms: uniformsOf(training),
    usesSubgroups: true,
    workgroupSize: lanes,
    code: `
${activationSource(network.hidden.map(({ activation }) => activation))}

var<private> stepAt: u32;
fn stepValue(slot: u32) -> f32 { return bitcast<f32>(work[stepAt + slot]); }

${lossFunction(training)}
${updateFunctions('f32', 'u32')}
${privateArrays(training, layout)}
${isClipped ? normFunction(lanes) : ''}
${mainOf(training, layout)}`,
  });
}

function uniformsOf({ loss, update }: SmallTraining): Record<string, Scalar> {
  const uniforms: Record<string, Scalar> = {};
  const numbers =
    'batch size rows ring seeds slots capacity pitch numbers placesAt homes normBound learningRate';
  for (const name of numbers.split(' ')) uniforms[name] = 'u32';
  uniforms.maxNorm = 'f32';
  for (const c of [0, ...columnsOf(loss)]) uniforms[`from${c}`] = uniforms[`width${c}`] = 'u32';
  for (const key of [...loss.params, ...restsIn(loss.element, loss.params).map(restName)]) {
    const isSlot = loss.stepParams.some((param) => key === param || key === restName(param));
    uniforms[lossUniform(key)] = isSlot ? 'u32' : 'f32';
  }
  uniforms[updateUniform('weightDecay')] = 'f32';
  for (const [key, type] of Object.entries(update.uniforms)) uniforms[updateUniform(key)] = type;
  return uniforms;
}

function privateArrays(training: SmallTraining, layout: Layout): string {
  const { update, batch } = training;
  const { length } = layout.places;
  const sizes: [string, number][] = [
    ['P', length],
    ['G', length],
    ...update.moments.map((moment): [string, number] => [momentArray(moment), length]),
    ['transposes', Math.max(1, transposesSize(layout, training))],
    ['values', valuesSize(training)],
  ];
  const arrays = sizes.map(([name, size]) => `var<private> ${name}: array<f32, ${size}>;`);
  return [...arrays, blockArrays(layout, batch)].join('\n');
}

function mainOf(training: SmallTraining, layout: Layout): string {
  const { update, lanes, batch } = training;
  const vectors = { first: 0, count: layout.places.length };
  const rows = training.turn;
  const turn = `
    let row = turnFirst + (lane & ${rows - 1}u);
    let along = firstRow + ${batch % rows === 0 ? 'row' : 'min(row, uniforms.batch - 1u)'};
    let inRing = along - select(0u, uniforms.ring, along >= uniforms.ring);
    let at = seed * uniforms.rows + order[seed * uniforms.ring + inRing];
    ${forwardPass(training, layout, rows)}
    ${lossOfTurn(training, rows)}
    ${backwardPass(training, layout, rows)}
    ${gradientSums(training, layout, rows)}`;
  // The state is loaded where a dispatch begins and stored where it ends, by one text: loads and stores are long ones to drivers.
  const exchange = (
    k: string,
  ) => `let entry = uniforms.placesAt + (${k} * ${lanes}u + lane) * ${PLACE_WORDS}u;
      let home = work[entry];
      let isOwn = home != ${PADDING}u;
      let to = select(0u, work[entry + 1u] + seed * work[entry + 2u], isOwn);
      let row = select(0u, seed * uniforms.pitch + home, isOwn);
      if (t == 0u) {
        P[${k}] = select(0.0, parameters[to], isOwn);
        ${update.moments.map((m) => `${momentArray(m)}[${k}] = select(0.0, ${m}[row], isOwn);`).join('\n')}
      } else if (isOwn) {
        parameters[to] = P[${k}];
        ${update.moments.map((m) => `${m}[row] = ${momentArray(m)}[${k}];`).join('\n')}
      }`;
  return `
@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let seed = wid.x;
  ${hiddenZero('batch')}
  let scale_ = 1.0 / f32(uniforms.size);
  let steps = work[${WORK_WORDS.steps}];
  var stopped = latch[seed];
  for (var t = 0u; t <= steps; t++) {
    if (t == 0u || t == steps) {
      ${eachVector(vectors, true, exchange)}
      if (t == steps) { break; }
    }
    let number = work[${WORK_WORDS.firstStep}] + t;
    stepAt = ${WORK_HEAD}u + t * uniforms.slots;
    let firstRow = work[${WORK_WORDS.firstRow}] + t * uniforms.batch;
    ${eachVector(vectors, true, (k) => `G[${k}] = 0.0;`)}
    ${transposeWeights(layout, training)}
    ${loopOverRows(layout, batch, rows, turn)}
    ${meanLoss(training)}
    if (lane == 0u) { losses[number % uniforms.capacity * uniforms.seeds + seed] = loss; }
    ${normOf(training, vectors)}
    ${updateOf(training, vectors)}
  }
  if (lane == 0u) { latch[seed] = stopped; }
}
`;
}
