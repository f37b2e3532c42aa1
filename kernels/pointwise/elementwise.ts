/** Kernels that compute each output element from one element of each input, with broadcasting. */
import { axisDigits, elementLoop } from '../element-loop.ts';
import { defineKernel, type Kernel, type Scalar } from '../kernel.ts';
import { wgsl } from '../wgsl.ts';

/** A scalar function in both notations. Its arguments are called x, or a and b, or a, b and c. */
export interface PointFunction {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly wgsl: string;
  readonly js: (...values: number[]) => number;
}

/** The same function in both notations, of x, of a and b, or of a, b and c. */
export interface FunctionEntry {
  readonly wgsl: string;
  readonly js: (...values: number[]) => number;
}

export type FunctionTable = Readonly<Record<string, FunctionEntry>>;

const NAMES = ['a', 'b', 'c'] as const;

/** How an input is laid out beside the output: element by element, or one value for all. */
export type Extent = 'full' | 'scalar';

function functionSource({ parameters, wgsl: expression }: PointFunction): string {
  return `fn f(${parameters.map((name) => `${name}: f32`).join(', ')}) -> f32 { return ${expression}; }`;
}

/** y[i] = f(a[i], b[i], …), four elements an invocation; a scalar input is read once. */
export function flatKernel(f: PointFunction, extents: readonly Extent[]): Kernel {
  const inputs = NAMES.slice(0, f.parameters.length);
  const at = (lane: string) =>
    inputs.map((name, i) => (extents[i] === 'scalar' ? `${name}[0]` : `${name}4.${lane}`)).join(', ');
  const loads = inputs.filter((_, i) => extents[i] === 'full').map((name) => `let ${name}4 = ${name}[i];`);
  return defineKernel<string, string, string>({
    name: f.name,
    inputs: Object.fromEntries(
      inputs.map((name, i) => [name, extents[i] === 'scalar' ? 'f32' : 'vec4f'] as const),
    ),
    outputs: { y: 'vec4f' },
    uniforms: { size: 'u32' },
    code: wgsl`
${functionSource(f)}

${elementLoop({
  size: '(uniforms.size + 3u) / 4u',
  body: `${loads.join('\n    ')}
    y[i] = vec4f(f(${at('x')}), f(${at('y')}), f(${at('z')}), f(${at('w')}));`,
})}
`,
    reference(given, _, { y }) {
      const values = inputs.map((name) => given[name]!);
      for (let i = 0; i < y!.length; i++) {
        y![i] = f.js(...values.map((x, k) => x[extents[k] === 'scalar' ? 0 : i]!));
      }
    },
  });
}

/** The same with any broadcasting: the output has sizes d0, d1, …, input `a` the strides a0, a1, … (0 if stretched). */
export function stridedKernel(f: PointFunction, rank: number): Kernel {
  const inputs = NAMES.slice(0, f.parameters.length);
  const axes = [...Array(rank).keys()];
  const uniforms: Record<string, Scalar> = { size: 'u32' };
  for (const axis of axes) for (const name of ['d', ...inputs]) uniforms[name + axis] = 'u32';
  const offset = (name: string) => axes.map((axis) => `p${axis} * uniforms.${name}${axis}`).join(' + ');
  return defineKernel<string, string, string>({
    name: f.name,
    inputs,
    outputs: ['y'],
    uniforms,
    code: wgsl`
${functionSource(f)}

${elementLoop({
  size: 'uniforms.size',
  ...axisDigits(rank),
  body: `y[i] = f(${inputs.map((name) => `${name}[${offset(name)}]`).join(', ')});`,
})}
`,
    reference(given, sizes, { y }) {
      for (let i = 0; i < y!.length; i++) {
        let rest = i;
        const offsets: number[] = inputs.map(() => 0);
        for (const axis of axes.toReversed()) {
          const place = rest % sizes[`d${axis}`]!;
          rest = Math.floor(rest / sizes[`d${axis}`]!);
          for (const [k, name] of inputs.entries()) offsets[k]! += place * sizes[name + axis]!;
        }
        y![i] = f.js(...inputs.map((name, k) => given[name]![offsets[k]!]!));
      }
    },
  });
}
