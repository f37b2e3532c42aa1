/** The page docs/parity.md. */
import { commit, webgpuVersion } from '../bench/report/versions.ts';
import { type TableColumn as Column, markdownTable } from '../base/text-table.ts';
import { packageVersion } from '../base/package-version.ts';
import { cpuName } from '../base/version.ts';
import {
  type Comparison,
  differingOperations,
  digits,
  hostColumns,
  isPromised,
  type OperationRow,
  pairColumns,
} from './report.ts';
import { runs } from './runs.ts';

/** What portable mathematics has shown, and native mathematics. */
export function page(portable: Comparison, native: Comparison): string {
  const date = new Date().toISOString().slice(0, 10);
  const differing = portable.pairs.flatMap(({ differingOps }) => differingOps);
  const across = native.pairs.filter((pair) => !isPromised(pair, 'native'));
  return `${[
    '# Parity of hosts and drivers',
    '',
    `Written by \`npm run parity -- --write\` on ${date}: limbeck ${packageVersion} at commit ${commit()}, webgpu ${webgpuVersion()} in Node, ${cpuName()}.`,
    'What is promised, and what is only close, is in [determinism.md](determinism.md).',
    '',
    ...markdownTable(hostColumns, portable.hosts),
    '',
    'Each trains a teacher on a noisy sinusoid, or on images, finds the outliers by its predictions, and trains a student',
    'with two heads (TOR on the label head, imitation on the teacher head) with Adam on captured steps. Compared are the',
    'batches and the loss of every step and the weights after the last; and every op and every loss on the cases of the',
    'tests, with gradients to order 2, on larger shapes, and unary functions on 65,536 arguments of every exponent.',
    '',
    ...markdownTable(
      [
        { title: 'run', align: 'left', cell: (name: string) => name },
        { title: 'what', align: 'left', cell: (name) => runs[name]!.title },
        {
          title: 'steps, teacher and student each',
          align: 'right',
          cell: (name) => String(runs[name]!.stepsOf(portable.steps)),
        },
      ],
      portable.runs,
    ),
    '',
    'ULP and relative are the largest difference of any batch, loss or weight; a weight that changes its sign is 2 apart.',
    '',
    '## Portable mathematics, the default',
    '',
    ...markdownTable(pairColumns, portable.pairs),
    '',
    ...(differing.length === 0
      ? ['No op differs in any bit.']
      : ['Ops that differ:', '', ...markdownTable(operationColumns, differingOperations(portable.pairs))]),
    '',
    '## Native mathematics',
    '',
    '`--math native` takes the transcendental functions of WGSL, which are the driver’s. Initial weights and noise are drawn',
    'by them too, so that runs on two drivers begin apart, and training widens what there is.',
    '',
    ...markdownTable(pairColumns, native.pairs),
    '',
    'Largest difference of each op between drivers, over all its cases and gradients:',
    '',
    ...markdownTable(operationColumns, differingOperations(across)),
  ].join('\n')}\n`;
}

const operationColumns: readonly Column<OperationRow>[] = [
  { title: 'op', align: 'left', cell: ({ name }) => name },
  { title: 'cases that differ', align: 'right', cell: ({ cases }) => String(cases) },
  { title: 'ULP', align: 'right', cell: ({ maxUlp }) => digits(maxUlp) },
  { title: 'relative', align: 'right', cell: ({ maxRelative }) => digits(maxRelative) },
];
