/**
 * Template: the mean of a pointwise loss, and its derivative by some of its inputs, in one pass over the elements. Several
 * means of `size` elements each, one after another in memory, are dispatched along z: each as if it were alone.
 */
import { defineKernel, type Kernel, type Scalar } from '../kernel.ts';
import { addTo, closeSum, hiddenZero, openSum } from '../math/math-sum.ts';
import { FEW_LANES, partialSums } from '../math/partial-sums.ts';
import { wgsl } from '../wgsl.ts';

/** Elements whose values are added up together, in the same order however many workgroups share the work. */
export const LOSS_BLOCK = 4096;
/** A block's elements are added up in so many columns, and those in a tree. */
export const COLUMNS = 256;

export interface FusedLossOptions {
  name: string;
  inputs: readonly string[];
  /** Inputs whose derivatives are wanted. */
  wrt: readonly string[];
  params: readonly string[];
  /** Those of `params` that are read from the step buffer; their uniform is a slot number. */
  stepParams: readonly string[];
  /**
   * Body of a WGSL function of one element of each input. It returns `Element(value, derivative, …)`, the derivatives
   * in the order of `wrt`, and reads `uniforms.NAME` for a parameter, `uniforms.NAMERest` for 1 minus it.
   */
  element: string;
  /** One workgroup for a mean, or one a block; then `value` holds a sum a block. */
  isSplit: boolean;
  /** Few lanes do the work of many, with the same bits: for software adapters, to whom lanes that meet at a barrier are dear. */
  hasFewLanes?: boolean;
  /** They take four elements at once; then the size of a mean must be a multiple of 4. */
  isVector?: boolean;
}

/** WGSL name of the derivative by an input: `predGrad`. */
export function derivativeName(input: string): string {
  return `${input}Grad`;
}

/** Name of 1 minus a parameter: `alphaRest`. */
export function restName(param: string): string {
  return `${param}Rest`;
}

/** The parameters of which a loss also reads 1 minus the parameter. */
export function restsIn<P extends string>(element: string, params: readonly P[]): P[] {
  return params.filter((key) => new RegExp(`\\buniforms\\.${restName(key)}\\b`).test(element));
}

/** WGSL in which the parameters of the step buffer are read from there. */
export function readingSteps(element: string, stepParams: readonly string[]): string {
  return stepParams.reduce((text, key) => {
    const value = `stepValue(uniforms.${key})`;
    const read = (name: string) => new RegExp(`\\buniforms\\.${name}\\b`, 'g');
    return text.replaceAll(read(restName(key)), `(1.0 - uniforms.${key})`).replaceAll(read(key), value);
  }, element);
}

/**
 * WGSL of the function of one element, `element_`, and of the `Element` that it returns. Parameters of the step buffer are read by
 * `stepValue`.
 */
export function elementFunction({
  inputs,
  wrt,
  stepParams,
  element,
}: Pick<FusedLossOptions, 'inputs' | 'wrt' | 'stepParams' | 'element'>): string {
  return `struct Element { value: f32, ${wrt.map((key) => `${derivativeName(key)}: f32`).join(', ')} }

fn element_(${inputs.map((key) => `${key}: f32`).join(', ')}) -> Element {
  ${readingSteps(element, stepParams)}
}`;
}

export function fusedLoss({
  name,
  inputs,
  wrt,
  params,
  stepParams,
  element,
  isSplit,
  hasFewLanes = false,
  isVector = false,
}: FusedLossOptions): Kernel {
  const derivatives = wrt.map(derivativeName);
  const uniforms: Record<string, Scalar> = { size: 'u32' };
  const typeOf = (key: string): Scalar => (stepParams.includes(key) ? 'u32' : 'f32');
  for (const key of params) uniforms[key] = typeOf(key);
  for (const key of restsIn(element, params)) uniforms[restName(key)] = typeOf(key);
  const width = isVector ? 4 : 1;
  const type = isVector ? 'vec4f' : 'f32';
  const all = (keys: readonly string[]) => Object.fromEntries(keys.map((key) => [key, type] as const));
  // The elements of a turn, and what becomes of each.
  const lanes = isVector ? ['x', 'y', 'z', 'w'] : [''];
  const dot = (lane: string) => (lane ? `.${lane}` : '');
  const elements = lanes.map(
    (lane) => `let e${lane}_ = element_(${inputs.map((key) => `x_${key}${dot(lane)}`).join(', ')});`,
  );
  const gathered = (key: string) => `${type}(${lanes.map((lane) => `e${lane}_.${key}`).join(', ')})`;
  return defineKernel<string, string, string>({
    name: `${name}-loss`,
    inputs: all(inputs),
    outputs: { value: 'f32', ...all(derivatives) },
    uniforms,
    readsStep: stepParams.length > 0,
    workgroupSize: hasFewLanes ? FEW_LANES : COLUMNS,
    code: wgsl`
${elementFunction({ inputs, wrt, stepParams, element })}

${partialSums(COLUMNS, hasFewLanes ? FEW_LANES : COLUMNS, width)}

// The sum of one block of the mean that begins at start_; its derivatives are written on the way. Names have a _ so that
// no input can have them.
fn block_(lane_: u32, start_: u32, first_: u32) -> f32 {
  ${hiddenZero('size')}
  let scale_ = 1.0 / f32(uniforms.size);
  let end_ = (start_ + min(first_ + ${LOSS_BLOCK}u, uniforms.size)) / ${width}u;
  for (var column_ = lane_; column_ < ${COLUMNS / width}u; column_ += WORKGROUP_SIZE) {
    ${openSum('sum_', `${type}()`, `${type}()`)}
    for (var i_ = (start_ + first_) / ${width}u + column_; i_ < end_; i_ += ${COLUMNS / width}u) {
      ${[...inputs.map((key) => `let x_${key} = ${key}[i_];`), ...elements].join('\n      ')}
      ${addTo('sum_', gathered('value'), type)}
      ${derivatives.map((key) => `${key}[i_] = ${gathered(key)} * scale_;`).join('\n      ')}
    }
    keepPartial(column_, ${closeSum('sum_', type)});
  }
  return sumOfPartials(lane_);
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let start = wid.z * uniforms.size;
  #if ${isSplit}
  let number = workgroupIndex(vec3u(wid.xy, 0u));
  let blocks = (uniforms.size + ${LOSS_BLOCK - 1}u) / ${LOSS_BLOCK}u;
  let total = block_(lane, start, number * ${LOSS_BLOCK}u);
  if (lane == 0u && number < blocks) { value[wid.z * blocks + number] = total; }
  #else
  ${hiddenZero('size')}
  ${openSum('total')}
  for (var first = 0u; first < uniforms.size; first += ${LOSS_BLOCK}u) ${addTo('total', 'block_(lane, start, first)')}
  if (lane == 0u) { value[wid.z] = ${closeSum('total')} / f32(uniforms.size); }
  #endif
}
`,
  });
}

/** The second dispatch of a split loss: adds the blocks of a mean in order, means along z. */
export const sumBlocks: Kernel<'x', 'y', 'blocks' | 'size'> = defineKernel({
  name: 'sum-blocks',
  inputs: ['x'],
  outputs: ['y'],
  uniforms: { blocks: 'u32', size: 'u32' },
  workgroupSize: 1,
  code: wgsl`
@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) wid: vec3u) {
  ${hiddenZero('size')}
  ${openSum('total')}
  for (var i = 0u; i < uniforms.blocks; i++) ${addTo('total', 'x[wid.z * uniforms.blocks + i]')}
  y[wid.z] = ${closeSum('total')} / f32(uniforms.size);
}
`,
});
