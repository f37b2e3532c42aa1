/**
 * Template: a loss that is a sum over the classes of a row, and its derivative by the row's logits, from their log-probabilities.
 * The classes are read for their largest, for the sum of exponentials, and for values and derivatives; nothing is stored between.
 */
import { defineKernel, type Kernel, type Scalar } from '../kernel.ts';
import { addTo, closeSum, openSum } from '../math/math-sum.ts';
import { derivativeName, readingSteps, restName, restsIn } from '../training/fused-loss.ts';
import { wgsl } from '../wgsl.ts';
import { labelFunctions } from './label-weights.ts';

/** A row's log-probabilities: of an input, divided by a parameter if it names one. */
export interface RowLog {
  readonly name: string;
  readonly of: string;
  readonly temperature?: string | undefined;
}

export interface RowLossOptions {
  name: string;
  /** Rows of logits. */
  inputs: readonly string[];
  /** Those whose derivatives are wanted. */
  wrt: readonly string[];
  logs: readonly RowLog[];
  hasLabel: boolean;
  params: readonly string[];
  /** Those of `params` that are read from the step buffer; their uniform is a slot number. */
  stepParams: readonly string[];
  /**
   * Body of a WGSL function of one class of a row. It returns `Element(value, derivative, …)`, the derivatives by those `logs` whose
   * input is in `wrt`, in their order. It reads them by name, `isLabel` and `weight` where there are labels, `uniforms.NAME`.
   */
  element: string;
  /** Whether the derivatives by each log-probability add up to 0 over a row; if not, that sum is taken first. */
  isCentred: boolean;
  /** Invocations that share a row: 1, or the whole workgroup. */
  lanes: number;
}

/** Rows by invocations of their own, up to this many classes; by 64 invocations, up to so many. */
const ALONE = 32;
const FEW = 2048;
/** Terms that an invocation adds as they are before their sum is added with what that loses. */
const GROUP = 8;
/** Lanes that put together what the lanes of a workgroup have. */
const LEADERS = 16;
/** Of rows that are not shared. */
const ROWS_TOGETHER = 64;

/** A rule of the shape alone, so that bits are too. */
export function lanesOf(classes: number): number {
  return classes <= ALONE ? 1 : classes <= FEW ? 64 : 256;
}

/** Rows are computed apart, so that bits do not depend on how many workgroups there are; each counts all labels of its mean. */
export function groupsOf(rows: number, lanes: number, isSoftware: boolean): number {
  return Math.min(lanes === 1 ? Math.ceil(rows / ROWS_TOGETHER) : rows, isSoftware ? 16 : 1024);
}

/** The kernel; dispatched (groups, 1, means). `value` has a number a row. */
export function rowLoss(options: RowLossOptions): Kernel {
  const { name, inputs, wrt, logs, hasLabel, params, stepParams, element, isCentred, lanes } = options;
  const isShared = lanes > 1;
  const typeOf = (key: string): Scalar => (stepParams.includes(key) ? 'u32' : 'f32');
  const given: Record<string, Scalar> = Object.fromEntries(inputs.map((key) => [key, 'f32']));
  if (hasLabel) given.label = 'u32';
  const uniforms: Record<string, Scalar> = { rows: 'u32', classes: 'u32' };
  if (hasLabel) uniforms.ignore = 'u32';
  for (const key of params) uniforms[key] = typeOf(key);
  for (const key of restsIn(element, params)) uniforms[restName(key)] = typeOf(key);
  const used = new Set(logs.map(({ of }) => of));
  const wanted = logs.filter(({ of }) => wrt.includes(of));
  const labelled = hasLabel ? ['label_ == k_', 'weight_'] : [];
  const call = `element_(${[...logs.map((log) => `l_${log.name}`), ...labelled].join(', ')})`;
  const scale = (log: RowLog) => (log.temperature ? ` * inverse_${log.name}` : '');
  const shift = (log: RowLog) => `seal_(${log.of}[start_ + k_] - c_${log.of}, nought_)${scale(log)}`;
  const logLines = logs.map((log) => `let l_${log.name} = seal_(${shift(log)} - z_${log.name}, nought_);`);
  const slopeOf = (log: RowLog) =>
    `(e_.${log.name}${isCentred ? '' : ` - exp_(l_${log.name}) * u_${log.name}`})${scale(log)}`;
  const stores = wrt.map((input) => {
    const slopes = wanted.filter(({ of }) => of === input).map(slopeOf);
    return `${derivativeName(input)}[start_ + k_] = (${slopes.join(' + ')}) * scale_;`;
  });
  const sums = (
    terms: Readonly<Record<string, string>>,
    setup: readonly string[],
    rest: readonly string[] = [],
  ) => sumsOver(terms, { setup, rest, isShared });
  const valueTerms = { v_row: 'e_.value' };
  const slopeTerms = Object.fromEntries(wanted.map((log) => [`u_${log.name}`, `e_.${log.name}`]));
  const compute = [...logLines, `let e_ = ${call};`];
  return defineKernel<string, string, string>({
    name: `${name}-row-loss`,
    inputs: given,
    outputs: ['value', ...wrt.map(derivativeName)],
    uniforms,
    readsStep: stepParams.length > 0,
    workgroupSize: isShared ? lanes : ROWS_TOGETHER,
    code: wgsl`
struct Element { value: f32, ${wanted.map((log) => `${log.name}: f32`).join(', ')} }

fn element_(${[...logs.map((log) => `${log.name}: f32`), ...(hasLabel ? ['isLabel: bool', 'weight: f32'] : [])].join(', ')}) -> Element {
  ${readingSteps(element, stepParams)}
}

${hasLabel ? labelFunctions : ''}
${isShared ? `var<workgroup> shared_: array<f32, ${lanes * Math.max(inputs.length, logs.length, 1)}>;` : ''}

// Names have a _ so that no input can have them.
@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) wid_: vec3u, @builtin(num_workgroups) groups_: vec3u, @builtin(local_invocation_index) lane_: u32) {
  let nought_ = uniforms.rows >> 31u;
  let scale_ = 1.0 / f32(uniforms.rows);
  ${hasLabel ? 'let share_ = shareOf(lane_, wid_.z);' : ''}
  ${logs
    .filter(({ temperature }) => temperature !== undefined)
    .map((log) => {
      const divisor = readingSteps(`uniforms.${log.temperature}`, stepParams);
      return `let inverse_${log.name} = 1.0 / ${divisor};`;
    })
    .join('\n  ')}
  ${
    isShared
      ? 'for (var row_ = wid_.x; row_ < uniforms.rows; row_ += groups_.x) {'
      : `for (var row_ = wid_.x * WORKGROUP_SIZE + lane_; row_ < uniforms.rows; row_ += groups_.x * WORKGROUP_SIZE) {`
  }
    let place_ = wid_.z * uniforms.rows + row_;
    let start_ = place_ * uniforms.classes;
    ${hasLabel ? 'let label_ = label[place_];\n    let weight_ = weightOf(label_, share_);' : ''}
    ${[...used].map((key) => `var c_${key} = ${key}[start_];`).join('\n    ')}
    ${overClasses([...used].map((key) => `c_${key} = max(c_${key}, ${key}[start_ + k_]);`).join('\n      '), isShared)}
    ${
      isShared
        ? totalsOf(
            [...used].map((key) => `c_${key}`),
            'max',
            lanes,
          )
        : ''
    }
    ${sums(Object.fromEntries(logs.map((log) => [`z_${log.name}`, `exp_(${shift(log)})`])), [])}
    ${
      isShared
        ? totalsOf(
            logs.map((log) => `z_${log.name}`),
            'add',
            lanes,
          )
        : ''
    }
    ${logs.map((log) => `z_${log.name} = log_(z_${log.name});`).join('\n    ')}
    ${
      isCentred
        ? sums(valueTerms, compute, stores)
        : `${sums({ ...valueTerms, ...slopeTerms }, compute)}
    ${isShared ? totalsOf(Object.keys(slopeTerms), 'add', lanes) : ''}
    ${overClasses([...compute, ...stores].join('\n      '), isShared)}`
    }
    ${isShared ? totalsOf(['v_row'], 'add', lanes) : ''}
    ${isShared ? 'if (lane_ == 0u) { value[place_] = v_row; }' : 'value[place_] = v_row;'}
  }
}
`,
  });
}

const first = (isShared: boolean) => (isShared ? 'lane_' : '0u');
const stride = (isShared: boolean) => (isShared ? 'WORKGROUP_SIZE' : '1u');

/** A loop over the classes `k_` of an invocation. */
function overClasses(body: string, isShared: boolean): string {
  return `for (var k_ = ${first(isShared)}; k_ < uniforms.classes; k_ += ${stride(isShared)}) {
      ${body}
    }`;
}

/** WGSL of variables that hold sums over the classes of an invocation, each of a term; `rest` comes after a class. */
function sumsOver(
  terms: Readonly<Record<string, string>>,
  { setup, rest, isShared }: { setup: readonly string[]; rest: readonly string[]; isShared: boolean },
): string {
  const names = Object.keys(terms);
  return `${names.map((sum) => openSum(sum)).join('\n    ')}
    for (var k_ = ${first(isShared)}; k_ < uniforms.classes;) {
      let end_ = min(k_ + ${GROUP}u * ${stride(isShared)}, uniforms.classes);
      ${names.map((sum) => `var ${sum}_part = 0.0;`).join('\n      ')}
      for (; k_ < end_; k_ += ${stride(isShared)}) {
        ${setup.join('\n        ')}
        ${names.map((sum) => `${sum}_part += ${terms[sum]};`).join('\n        ')}
        ${rest.join('\n        ')}
      }
      ${names.map((sum) => addTo(sum, `${sum}_part`)).join('\n      ')}
    }
    ${names.map((sum) => `${sum} = ${closeSum(sum)};`).join('\n    ')}`;
}

/**
 * WGSL that makes each variable the largest, or the sum, of those of all lanes. Three barriers, however many they are. No compiler
 * knows how often the loops run: unrolled they took software adapters seconds to compile.
 */
function totalsOf(names: readonly string[], rule: 'max' | 'add', lanes: number): string {
  const at = (i: number, lane: string) => `shared_[${i * lanes}u + ${lane}]`;
  const [open, step, close] =
    rule === 'max'
      ? ([
          (start: string) => `var part_ = ${start};`,
          (term: string) => `part_ = max(part_, ${term});`,
          'part_',
        ] as const)
      : ([
          (start: string) => openSum('part_', start),
          (term: string) => addTo('part_', term),
          closeSum('part_'),
        ] as const);
  const each = (write: (name: string, i: number) => string) => names.map(write).join('\n    ');
  return `${each((name, i) => `${at(i, 'lane_')} = ${name};`)}
    workgroupBarrier();
    if (lane_ < ${LEADERS}u) {
    ${each(
      (_, i) => `{
      ${open(at(i, 'lane_'))}
      for (var j_ = lane_ + ${LEADERS}u; j_ < ${lanes}u + nought_; j_ += ${LEADERS}u) { ${step(at(i, 'j_'))} }
      ${at(i, 'lane_')} = ${close};
    }`,
    )}
    }
    workgroupBarrier();
    ${each(
      (name, i) => `{
      ${open(at(i, '0u'))}
      for (var j_ = 1u; j_ < ${LEADERS}u + nought_; j_++) { ${step(at(i, 'j_'))} }
      ${name} = ${close};
    }`,
    )}
    workgroupBarrier();  // the next totals overwrite them`;
}
