/**
 * The tolerance of a case whose file gives none, by the rule of WebNN's tests (web-platform-tests,
 * webnn/resources/utils.js): that of a graph is the sum of its operators', and an operator is allowed one ULP for each
 * rounding of the longest chain that makes one element. The files state what this gives for each of their 81 cases of
 * one such operator.
 */
import type { Arguments } from './arguments.ts';

type Rule = (args: Arguments) => number;

/** Only those that such cases are made of. */
const rules: Readonly<Record<string, Rule>> = {
  batchNormalization: () => 6,
  conv2d: (args) => 2 * productsOf(args, 'oihw'),
  convTranspose2d: (args) => 2 * productsOf(args, 'iohw'),
  gemm: (args) => {
    const { shape } = args.tensor('a');
    const products = shape[args.get('aTranspose', false) ? 0 : 1]!;
    const isScaled = (name: string) => args.get<number>(name, 1) !== 1;
    const hasSum = args.optional('c') !== undefined && args.get<number>('beta', 1) !== 0;
    return 2 * products + Number(isScaled('alpha')) + (hasSum ? 1 + Number(isScaled('beta')) : 0);
  },
  // An exponential, a sum, a division for each element along the axis.
  softmax: (args) => 3 * args.tensor('input').shape[args.get('axis', 1)]! + 3,
};

/** Products behind one output of a convolution: the kernel's area times the channels of one group. */
function productsOf(args: Arguments, filterLayout: string): number {
  const sizeOf = (name: string, layout: string, letter: string) =>
    args.tensor(name).shape[layout.indexOf(letter)]!;
  const filter = args.get('filterLayout', filterLayout);
  const channels = sizeOf('input', args.get('inputLayout', 'nchw'), 'c') / args.get('groups', 1);
  return sizeOf('filter', filter, 'h') * sizeOf('filter', filter, 'w') * channels;
}

/** The ULP that an operator adds to its graph's tolerance; undefined where no rule is known. */
export function ulpOf(operator: string, args: Arguments): number | undefined {
  return rules[operator]?.(args);
}
