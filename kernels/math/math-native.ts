/**
 * The functions of `math.ts` by WGSL's built-ins: for speed where the same bits on every driver do not matter. What has no
 * built-in is a simple formula of those that have; the rest stays portable. This is the one file where they may be called.
 * `docs/ulp.md` has their errors.
 */
import { wgsl } from '../wgsl.ts';

const ofX = (expression: string, name: string) => wgsl`
fn ${name}_(x: f32) -> f32 { return ${expression}; }
`;

/** A snippet for each name of `math.ts` that changes. */
export const nativeSnippets: Readonly<Record<string, string>> = {
  exp: ofX('exp(x)', 'exp'),
  // sinh and cosh of x/2: e^x - 1 = tanh(x/2) (e^x + 1)
  expm1: ofX('select(tanh(0.5 * x) * (exp(x) + 1.0), exp(x) - 1.0, abs(x) > 1.0)', 'expm1'),
  sigmoid: ofX('1.0 / (1.0 + exp(-x))', 'sigmoid'),
  silu: ofX('select(x / (1.0 + exp(-x)), 0.0, x < -88.0)', 'silu'),
  tanh: ofX('tanh(x)', 'tanh'),
  log: ofX('log(x)', 'log'),
  // W. Kahan: log(u) x / (u - 1) for u = 1 + x undoes the rounding of u
  log1p: wgsl`
fn log1p_(x: f32) -> f32 {
  let u = 1.0 + x;
  return select(log(u) * (x / (u - 1.0)), x, u == 1.0);
}
`,
  softplus: ofX('max(x, 0.0) + log(1.0 + exp(-abs(x)))', 'softplus'),
  sin: ofX('sin(x)', 'sin'),
  cos: ofX('cos(x)', 'cos'),
  tan: ofX('tan(x)', 'tan'),
  atan: ofX('atan(x)', 'atan'),
  bell: ofX('exp(-0.5 * x * x)', 'bell'),
  pow: wgsl`
fn pow_(a: f32, b: f32) -> f32 {
  let y = pow(abs(a), b);
  let isOdd = abs(b) < 16777216.0 && (i32(clamp(b, -16777216.0, 16777216.0)) & 1) == 1;
  let signed = select(y, -y, a < 0.0 && isOdd);
  let isInvalid = a < 0.0 && floor(b) != b;
  return select(bitcast<f32>(select(bitcast<u32>(signed), 0x7fc00000u, isInvalid)), 1.0, b == 0.0 || a == 1.0);
}
`,
};
