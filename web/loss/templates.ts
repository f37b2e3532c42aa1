/** Losses to begin with. The WGSL is the library's own; a test holds the formulas to its definitions. */
import { huber, mse } from '../../losses/regression.ts';
import { tor } from '../../losses/tor.ts';
import type { Loss } from '../../losses/loss.ts';
import type { Fields } from './source.ts';

export interface Template {
  /** In a deep link. */
  readonly key: string;
  readonly title: string;
  readonly fields: Fields;
}

export const templates: readonly Template[] = [
  template('tor', 'Teacher outlier rejection', tor, {
    composed: 'outlier > 0.5 ? sqrt(abs(pred - teacher) + eps) : (pred - label) ** 2',
  }),
  template('mse', 'Squared error', mse, { composed: '(pred - label) ** 2' }),
  template('huber', 'Huber', huber, {
    composed: `u = pred - label;
abs(u) > delta ? delta * (abs(u) - 0.5 * delta) : 0.5 * u ** 2`,
  }),
  {
    key: 'blank',
    title: 'A loss of your own',
    fields: {
      name: 'myLoss',
      inputs: 'pred, label',
      wrt: 'pred',
      params: '',
      composed: 'abs(pred - label)',
      fused: `let u = pred - label;
return Element(abs(u), sign(u));`,
    },
  },
];

function template(
  key: string,
  title: string,
  { definition }: Loss,
  { composed }: Pick<Fields, 'composed'>,
): Template {
  const { name, inputs, wrt = ['pred'], params = {}, fused } = definition;
  const numbers = Object.entries<number>(params).map(([param, value]) => `${param} = ${value}`);
  return {
    key,
    title,
    fields: {
      name,
      inputs: inputs.join(', '),
      wrt: wrt.join(', '),
      params: numbers.join(', '),
      composed,
      fused: dedented(fused),
    },
  };
}

/** Without the indentation that all lines share, and without empty lines around. */
function dedented(text: string): string {
  const lines = text
    .replace(/^\s*\n/, '')
    .trimEnd()
    .split('\n');
  const shared = Math.min(...lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/)));
  return lines.map((line) => line.slice(shared)).join('\n');
}
