/** How a reduction walks through memory and how its terms are shared out: rules of the shape alone, so that bits are too. */
import type { Scalar } from '../kernel.ts';
import { addTo, closeSum, hiddenZero, openSum } from '../math/math-sum.ts';

/** Up to this many terms one invocation adds them in their order. */
const LONG_REDUCTION = 1024;

/** Terms that a workgroup, or an invocation, takes of a longer reduction. */
const SHARED_PIECE = 8192;
const SEQUENTIAL_PIECE = 256;

/**
 * Which elements belong together: a tensor of (outer, runs, kept, run, inner) is reduced over runs and run. An output
 * has count = runs · run terms; there are outputs = outer · kept · inner of them.
 */
export interface Layout {
  readonly outputs: number;
  readonly count: number;
  readonly kept: number;
  readonly run: number;
  readonly inner: number;
}

export interface ReducePlan {
  readonly pieces: number;
  readonly pieceSize: number;
  /** Whether a workgroup shares a piece. */
  readonly isShared: boolean;
}

/**
 * One piece up to 1,024 terms. Beyond that, pieces of 8,192 terms, a workgroup each; but where 32 outputs or more lie
 * side by side in memory, pieces of 256 terms, an invocation each, because then neighbours read neighbours.
 */
export function planReduction({ count, inner }: Layout): ReducePlan {
  if (count <= LONG_REDUCTION) return { pieces: 1, pieceSize: count, isShared: false };
  const isShared = inner < 32;
  const pieceSize = isShared ? SHARED_PIECE : SEQUENTIAL_PIECE;
  return { pieces: Math.ceil(count / pieceSize), pieceSize, isShared };
}

/** The layout for the second dispatch, which puts the pieces (pieces, outputs) together. */
export function layoutOfPieces({ outputs }: Layout, { pieces }: ReducePlan): Layout {
  return { outputs, count: pieces, kept: 1, run: pieces, inner: outputs };
}

/** The uniforms of a kernel that uses `walk`. */
export const walkUniforms = {
  outputs: 'u32',
  pieces: 'u32',
  pieceSize: 'u32',
  count: 'u32',
  kept: 'u32',
  run: 'u32',
  inner: 'u32',
} as const satisfies Record<string, Scalar>;

export type WalkUniforms = Record<keyof typeof walkUniforms, number>;

/** Lanes that share a piece. `workgroupTotal` needs this number. */
export const SHARED_LANES = 256;

export function walkWorkgroupSize(isShared: boolean): number {
  return isShared ? SHARED_LANES : 64;
}

/**
 * Opens `main`: which piece of which output this is, and where its terms are. `number` is its place in (pieces, outputs).
 * `isWhole`: there is one piece; lanes and workgroups beyond the last output have the next, which is empty. Divisions are few,
 * because software adapters do them lane by lane.
 */
export function openWalk(isShared: boolean, { isWhole = false } = {}): string {
  return `
@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let number = workgroupIndex(wid)${isShared ? '' : ' * WORKGROUP_SIZE + lane'};
  let piece = ${isWhole ? 'u32(number >= uniforms.outputs)' : 'number / uniforms.outputs'};
  let i = number - piece * uniforms.outputs;
  let begin = piece * uniforms.pieceSize;
  let end = min(begin + uniforms.pieceSize, uniforms.count);
  let along = i / uniforms.inner;
  let outer = along / uniforms.kept;
  let first = (outer * uniforms.count * uniforms.kept + (along - outer * uniforms.kept) * uniforms.run)
    * uniforms.inner + i - along * uniforms.inner;
  let beginRun = ${isWhole ? '0u' : 'begin / uniforms.run'};
  let beginPlace = begin - beginRun * uniforms.run;
  let firstOfPiece = first + (beginRun * uniforms.kept * uniforms.run + beginPlace) * uniforms.inner;
  let isMine = piece < uniforms.pieces${isShared ? ' && lane == 0u' : ''};
`;
}

/**
 * A loop over the terms of an invocation; `body` reads the element `at`. A lane of a shared piece takes every 256th
 * term. A step is an addition, and another where a run ends. With `groups` it stops before and after each group of terms.
 */
export function walk(
  isShared: boolean,
  body: string,
  groups?: Readonly<{ length: number; before: string; after: string }>,
): string {
  const [start, stride] = isShared ? ['begin + lane', 'WORKGROUP_SIZE'] : ['begin', '1u'];
  const place = isShared
    ? `let startRun = (begin + lane) / uniforms.run;
    let strideRun = WORKGROUP_SIZE / uniforms.run;
    var place = begin + lane - startRun * uniforms.run;
    var at = first + (begin + lane) * uniforms.inner + startRun * jump;`
    : `let strideRun = select(0u, 1u, uniforms.run == 1u);
    var place = beginPlace;
    var at = firstOfPiece;`;
  const step = `${body}
      place += stepRun;
      at += step;
      if (place >= uniforms.run) {
        place -= uniforms.run;
        at += jump;
      }`;
  const loop = groups
    ? `for (var j = ${start}; j < end;) {
      let endGroup = min(j + ${groups.length}u * ${stride}, end);
      ${groups.before}
      for (; j < endGroup; j += ${stride}) {
      ${step}
      }
      ${groups.after}
    }`
    : `for (var j = ${start}; j < end; j += ${stride}) {
      ${step}
    }`;
  return `{
    let jump = (uniforms.kept - 1u) * uniforms.run * uniforms.inner;
    ${place}
    let stepRun = ${stride} - strideRun * uniforms.run;
    let step = ${stride} * uniforms.inner + strideRun * jump;
    ${loop}
  }`;
}

/**
 * The same for sums: each of `terms` adds to the variables of `openSum` by its name, after what `setup` computes of the element
 * `at`. Eight terms are added as they are, or four where lanes, which share them, round twice more; their sums are added with
 * what that loses. With `isExact` every term is.
 */
export function walkSums(
  isShared: boolean,
  terms: Readonly<Record<string, string>>,
  { setup = '', isExact = false } = {},
): string {
  const sums = Object.entries(terms);
  return walk(isShared, setup + sums.map(([sum, term]) => `${sum}Part += ${term};`).join('\n'), {
    length: isExact ? 1 : isShared ? 4 : 8,
    before: sums.map(([sum]) => `var ${sum}Part = 0.0;`).join('\n'),
    after: sums.map(([sum]) => addTo(sum, `${sum}Part`)).join('\n'),
  });
}

/**
 * `NAME(lane, value)`: the values of all lanes combined, or added, the same on every lane. 16 lanes take 16 each, then all take
 * those 16: two barriers cost software adapters less than the eight of a binary tree. Every lane must call it.
 */
export function workgroupTotal(name: string, combine: 'add' | ((a: string, b: string) => string)): string {
  const isSum = combine === 'add';
  const open = (total: string, start: string) => (isSum ? openSum(total, start) : `var ${total} = ${start};`);
  const step = (total: string, term: string) =>
    isSum ? addTo(total, term) : `${total} = ${combine(total, term)};`;
  const close = (total: string) => (isSum ? closeSum(total) : total);
  return `
var<workgroup> ${name}Partial: array<f32, WORKGROUP_SIZE>;

fn ${name}(lane: u32, value: f32) -> f32 {
  ${isSum ? hiddenZero('count') : ''}
  ${name}Partial[lane] = value;
  workgroupBarrier();
  if (lane < 16u) {
    ${open('part', 'value')}
    for (var j = lane + 16u; j < WORKGROUP_SIZE; j += 16u) { ${step('part', `${name}Partial[j]`)} }
    ${name}Partial[lane] = ${close('part')};
  }
  workgroupBarrier();
  ${open('total', isSum ? '0.0' : `${name}Partial[0]`)}
  ${
    isSum
      ? `for (var j = 0u; j < 4u; j++) {
    ${addTo('total', [0, 8].map((k) => `seal_(${name}Partial[j + ${k}u] + ${name}Partial[j + ${k + 4}u], nought_)`).join(' + '))}
  }`
      : `for (var j = 1u; j < 16u; j++) { ${step('total', `${name}Partial[j]`)} }`
  }
  workgroupBarrier();  // the next call overwrites the parts
  return ${close('total')};
}
`;
}

/** The places in x of the terms of each (piece, output), for references. */
export function walkReference(
  { outputs, pieces, pieceSize, count, kept, run, inner }: WalkUniforms,
  visit: (number: number, output: number, places: readonly number[]) => void,
): void {
  for (let number = 0; number < pieces * outputs; number++) {
    const i = number % outputs;
    const along = Math.floor(i / inner);
    const begin = Math.floor(number / outputs) * pieceSize;
    const places: number[] = [];
    for (let j = begin; j < Math.min(begin + pieceSize, count); j++) {
      const row = (Math.floor(along / kept) * (count / run) + Math.floor(j / run)) * kept + (along % kept);
      places.push((row * run + (j % run)) * inner + (i % inner));
    }
    visit(number, i, places);
  }
}
