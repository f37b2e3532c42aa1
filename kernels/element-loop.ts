/**
 * Loops of a kernel that takes elements one by one. The digits of an element's number, such as its row and column, go on by
 * additions from one turn to the next: a division of its own for each element costs software adapters, which divide lane by
 * lane, more than to load and store it.
 */

interface Digits {
  /** Names of the digits and WGSL of how many values each has, the fastest first. */
  digits?: Readonly<Record<string, string>>;
  /** The name of what is left of the number above the digits. */
  rest?: string;
  /** WGSL for element `i`. `continue` would leave the digits behind. */
  body: string;
}

/** The place along each of `rank` axes, p0, p1, …, whose sizes are the uniforms d1, d2, … */
export function axisDigits(rank: number): Pick<Digits, 'digits' | 'rest'> {
  const digits: Record<string, string> = {};
  for (let axis = rank - 1; axis > 0; axis--) digits[`p${axis}`] = `uniforms.d${axis}`;
  return { digits, rest: 'p0' };
}

/** WGSL of a loop from the number `from` to before `to` by steps of `by`. */
/* @__NO_SIDE_EFFECTS__ */
export function digitLoop(
  { from, to, by }: { from: string; to: string; by: string },
  { digits = {}, rest = 'rest', body }: Digits,
): string {
  const names = Object.keys(digits);
  const begin = names.map(
    (name) => `let ${name}Length = ${digits[name]};
  var ${name} = ${rest} % ${name}Length;
  ${rest} /= ${name}Length;
  let ${name}Step = ${rest}Step % ${name}Length;
  ${rest}Step /= ${name}Length;`,
  );
  // As one adds numbers by hand, with a carry.
  const go = names.map(
    (name, k) => `${name} += ${name}Step${k > 0 ? ' + carry' : ''};
    carry = u32(${name} >= ${name}Length);
    ${name} -= select(0u, ${name}Length, carry == 1u);`,
  );
  return `
  let begin = ${from};
  var ${rest} = begin;
  var ${rest}Step = ${by};
  var carry = 0u;
  ${begin.join('\n  ')}
  for (var i = begin; i < ${to}; i += ${by}) {
    ${body}
    ${go.join('\n    ')}
    ${rest} += ${rest}Step + carry;
  }`;
}

export interface ElementLoop extends Digits {
  /** WGSL of the number of elements. */
  size: string;
  /** WGSL ahead of the loop, for all elements. */
  setup?: string;
}

/** WGSL of a `main` in which each workgroup takes a part of the elements, in one piece (`partOf`). */
/* @__NO_SIDE_EFFECTS__ */
export function elementLoop(given: ElementLoop): string {
  if (typeof given?.size !== 'string' || typeof given.body !== 'string')
    throw new Error('elementLoop: wants { size, body }, both WGSL as texts');
  const { size, setup = '', ...loop } = given;
  return `
@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  ${setup}
  let part = partOf(wid, groups, ${size});
  ${digitLoop({ from: 'part.x + lane', to: 'part.y', by: 'WORKGROUP_SIZE' }, loop)}
}
`;
}
