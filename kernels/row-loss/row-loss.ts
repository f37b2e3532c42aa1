/**
 * Template: a loss that is a sum over the classes of a row, and its derivative by the row's logits, from their log-probabilities.
 * The classes are read for their largest, for the sum of exponentials, and for values and derivatives.
 */
import { defineKernel, type Element, type Kernel, type Scalar } from '../kernel.ts';
import { derivativeName, readingSteps, restName, restsIn } from '../training/fused-loss.ts';
import { wgsl } from '../wgsl.ts';
import { labelFunctions } from './label-weights.ts';
import { overClasses, partsOf, sharedMemory, type Sharing, sumsOver, totalsOf } from './row-sums.ts';

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
  sharing: Sharing;
}

/** Rows of a workgroup whose invocations have one each. */
const ROWS_TOGETHER = 64;

/** Rows are computed apart, so that bits do not depend on how many workgroups there are; each counts all labels of its mean. */
export function groupsOf(rows: number, { lanes }: Sharing, isSoftware: boolean): number {
  return Math.min(lanes === 1 ? Math.ceil(rows / ROWS_TOGETHER) : rows, isSoftware ? 16 : 1024);
}

/** The kernel; dispatched (groups, 1, means). `value` has a number a row. */
export function rowLoss(options: RowLossOptions): Kernel {
  const { name, inputs, wrt, logs, hasLabel, params, stepParams, element, isCentred, sharing } = options;
  const isShared = sharing.lanes > 1;
  const typeOf = (key: string): Scalar => (stepParams.includes(key) ? 'u32' : 'f32');
  const type = sharing.width === 4 ? 'vec4f' : 'f32';
  const given: Record<string, Element> = Object.fromEntries(inputs.map((key) => [key, type]));
  const uniforms: Record<string, Scalar> = { rows: 'u32', classes: 'u32' };
  if (hasLabel) {
    given.label = 'u32';
    uniforms.ignore = 'u32';
  }
  for (const key of params) uniforms[key] = typeOf(key);
  for (const key of restsIn(element, params)) uniforms[restName(key)] = typeOf(key);

  const used = [...new Set(logs.map(({ of }) => of))];
  const wanted = logs.filter(({ of }) => wrt.includes(of));
  const each = (list: readonly RowLog[], write: (log: RowLog) => string) => list.map(write).join('\n    ');
  const temperatures = logs.filter(({ temperature }) => temperature !== undefined);
  const scale = (log: RowLog) => (log.temperature ? ` * inverse_${log.name}` : '');

  // Of the parts of a place: a class, or each of four. Names end in the part.
  const parts = partsOf(sharing);
  const dot = (part: string) => (part ? `.${part}` : '');
  const ofParts = (write: (part: string, i: number) => string) => parts.map(write);
  const together = (write: (part: string) => string) =>
    parts.length > 1 ? `${type}(${ofParts(write).join(', ')})` : write('');
  const loads = used.map((key) => `let x_${key} = ${key}[start_ + k_];`);
  const shift = (log: RowLog, part: string) =>
    `seal_(x_${log.of}${dot(part)} - c_${log.of}, nought_)${scale(log)}`;
  const logLines = (list: readonly RowLog[]) =>
    list.flatMap((log) =>
      ofParts((part) => `let l_${log.name}${part} = seal_(${shift(log, part)} - z_${log.name}, nought_);`),
    );
  const calls = ofParts((part, i) => {
    const labelled = hasLabel ? [`label_ == ${parts.length}u * k_ + ${i}u`, 'weight_'] : [];
    return `let e_${part} = element_(${[...logs.map((log) => `l_${log.name}${part}`), ...labelled].join(', ')});`;
  });

  /** Lines for each input: its gradient from what each of its log-probabilities gives. */
  const gradients = (of: (log: RowLog) => string, write: (gradient: string, sum: string) => string) =>
    wrt.map((input) => {
      const own = wanted.filter((log) => log.of === input).map((log) => `${of(log)}${scale(log)}`);
      return write(`${derivativeName(input)}[start_ + k_]`, own.join(' + '));
    });
  const slope = (log: RowLog) => together((part) => `e_${part}.${log.name}`);
  const plain = gradients(
    slope,
    (gradient, sum) => `${gradient} = ${isCentred ? `(${sum}) * scale_` : sum};`,
  );
  // Derivatives that are not centred wait in the gradient for their sums.
  const centring = gradients(
    (log) => `(${together((part) => `exp_(l_${log.name}${part})`)} * u_${log.name})`,
    (gradient, sum) => `${gradient} = (${gradient} - (${sum})) * scale_;`,
  );
  const slopes = Object.fromEntries(wanted.map((log) => [`u_${log.name}`, slope(log)]));
  const terms = { v_row: together((part) => `e_${part}.value`), ...(isCentred ? {} : slopes) };
  const exponentials = Object.fromEntries(
    logs.map((log) => [`z_${log.name}`, together((part) => `exp_(${shift(log, part)})`)]),
  );
  const largest = used.map((key) => {
    const most =
      parts.length > 1 ? `max(max(x_${key}.x, x_${key}.y), max(x_${key}.z, x_${key}.w))` : `x_${key}`;
    return `c_${key} = max(c_${key}, ${most});`;
  });
  const maxima = used.map((key) => `c_${key}`);

  return defineKernel<string, string, string>({
    name: `${name}-row-loss`,
    inputs: given,
    outputs: { value: 'f32', ...Object.fromEntries(wrt.map((key) => [derivativeName(key), type])) },
    uniforms,
    readsStep: stepParams.length > 0,
    workgroupSize: isShared ? sharing.lanes : ROWS_TOGETHER,
    code: wgsl`
struct Element { value: f32, ${wanted.map((log) => `${log.name}: f32`).join(', ')} }

fn element_(${[...logs.map((log) => `${log.name}: f32`), ...(hasLabel ? ['isLabel: bool', 'weight: f32'] : [])].join(', ')}) -> Element {
  ${readingSteps(element, stepParams)}
}

${hasLabel ? labelFunctions : ''}
${sharedMemory(Math.max(logs.length, Object.keys(terms).length), sharing)}

// Names have a _ so that no input can have them.
@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) wid_: vec3u, @builtin(num_workgroups) groups_: vec3u, @builtin(local_invocation_index) lane_: u32) {
  let nought_ = uniforms.rows >> 31u;
  let scale_ = 1.0 / f32(uniforms.rows);
  ${hasLabel ? 'let share_ = shareOf(lane_, wid_.z);' : ''}
  ${each(temperatures, (log) => `let inverse_${log.name} = 1.0 / ${readingSteps(`uniforms.${log.temperature}`, stepParams)};`)}
  let firstRow_ = ${isShared ? 'wid_.x' : 'wid_.x * WORKGROUP_SIZE + lane_'};
  for (var row_ = firstRow_; row_ < uniforms.rows; row_ += groups_.x${isShared ? '' : ' * WORKGROUP_SIZE'}) {
    let place_ = wid_.z * uniforms.rows + row_;
    let start_ = place_ * (uniforms.classes / ${sharing.width}u);
    ${hasLabel ? 'let label_ = label[place_];\n    let weight_ = weightOf(label_, share_);' : ''}
    ${used.map((key) => `var c_${key} = ${key}[start_]${dot(parts[0]!)};`).join('\n    ')}
    ${overClasses([...loads, ...largest], sharing)}
    ${totalsOf(maxima, 'max', sharing)}
    ${sumsOver(exponentials, sharing, { setup: loads })}
    ${each(logs, (log) => `z_${log.name} = log_(z_${log.name});`)}
    ${sumsOver(terms, sharing, { setup: [...loads, ...logLines(logs), ...calls], rest: plain })}
    ${isCentred ? '' : overClasses([...loads, ...logLines(wanted), ...centring], sharing)}
    ${isShared ? 'if (lane_ == 0u) { value[place_] = v_row; }' : 'value[place_] = v_row;'}
  }
}
`,
  });
}
