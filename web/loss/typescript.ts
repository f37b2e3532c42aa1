/** The file that `npm run loss -- my-loss.ts` checks: a loss of the page as TypeScript. */
import { callsOf, namesIn, opsIn } from './formula/formula.ts';
import type { LossSource } from './source.ts';

const DEFAULT_WRT = ['pred'];

export function lossAsTypeScript({
  name,
  inputs,
  wrt,
  params,
  program,
  composed,
  fused,
}: LossSource): string {
  const imports = ['defineLoss', 'wgsl', ...opsIn(program)].sort();
  const used = namesIn(program);
  const numbers = Object.entries(params).map(([key, value]) => `${key}: ${value}`);
  const argumentsOf = (names: readonly string[]) => `{ ${names.filter((key) => used.has(key)).join(', ')} }`;
  const taken = [inputs, Object.keys(params)]
    .filter((names) => names.some((key) => used.has(key)))
    .map(argumentsOf);
  const lines = [
    ...program.definitions.map(({ name: key, value }) => `const ${key} = ${callsOf(value)};`),
    `return ${callsOf(program.result)};`,
  ];
  return `/** mean( ${composed.trim().replaceAll(/\s+/g, ' ')} ) */
import { ${imports.join(', ')} } from 'limbeck';

export const ${name} = defineLoss({
  name: '${name}',
  inputs: ${listOf(inputs)},${wrt.join() === DEFAULT_WRT.join() ? '' : `\n  wrt: ${listOf(wrt)},`}${
    numbers.length > 0 ? `\n  params: { ${numbers.join(', ')} },` : ''
  }
  composed(${taken.join(', ')}) {
${lines.map((line) => `    ${line}`).join('\n')}
  },
  fused: wgsl\`
${templateText(fused)}
  \`,
});
`;
}

function listOf(names: readonly string[]): string {
  return `[${names.map((key) => `'${key}'`).join(', ')}]`;
}

/** Indented, and with nothing that ends a template string or begins a substitution. */
function templateText(text: string): string {
  return text
    .replaceAll(/[\\`]|\$\{/g, '\\$&')
    .trimEnd()
    .split('\n')
    .map((line) => (line.trim() === '' ? '' : `    ${line}`))
    .join('\n');
}
