/** Small studies that together have every kind of data, every method, every add-on and every way to a teacher. */

export interface StudyCase {
  readonly name: string;
  /** Options of `distill`, without those that all cases share. */
  readonly options: readonly string[];
}

/** What cases are made of: paths of data that were written for them. */
export interface CaseData {
  readonly table: string;
  readonly mpiigaze: string;
  readonly multipie: string;
}

const onRows = [
  ...['scratch', 'scratch-huber', 'heteroscedastic', 'imitation', 'kd-mix', 'tbr', 'tbr-imitation', 'ail'],
  ...['tor', 'tor-dual'],
];
const onFeatures = ['hint', 'rkd'];
const withoutData = ['sampling', 'direct', 'generator', 'impressions'];
const addOns = ['+pm', '+abm', '+gm', '+pm+abm+gm'];

const brief = ['--steps', '20', '--teacher-steps', '20', '--batch-size', '16'];
const students = ['--student', 'mlp:5', '--impression-steps', '10'];
const small = [...brief, '--teacher', 'mlp:8,8', ...students];
const sinusoid = [...small, '--train-rows', '40', '--test-rows', '20'];
const images = [...brief, '--teacher', 'lenet:0.1', '--student', 'lenet:0.05'];

function withMethods(methods: readonly string[]): string[] {
  return ['--methods', methods.join(',')];
}

/** A method with each add-on, and with all. */
function crossed(methods: readonly string[]): string[] {
  return methods.flatMap((method) => addOns.map((addOn) => method + addOn));
}

export function casesOf({ table, mpiigaze, multipie }: CaseData): StudyCase[] {
  const ofTable = [...small, '--data', table];
  const ofImages = withMethods([...onRows, ...onFeatures]);
  const ensemble = ['--teacher-mode', 'ensemble'];
  return [
    { name: 'sinusoid', options: [...sinusoid, ...withMethods([...onRows, ...onFeatures, ...withoutData])] },
    {
      name: 'sinusoid, add-ons',
      options: [...sinusoid, ...withMethods(crossed([...onRows, ...onFeatures]))],
    },
    { name: 'sinusoid, ensemble', options: [...sinusoid, ...ensemble, ...withMethods(['ensemble', 'tor'])] },
    {
      name: 'sinusoid, ensemble, add-ons',
      options: [...sinusoid, ...ensemble, ...withMethods(crossed(['ensemble']))],
    },
    ...['early-stopping', 'out-of-fold'].map((mode) => ({
      name: `sinusoid, ${mode}`,
      options: [...sinusoid, '--teacher-mode', mode, ...withMethods(['imitation', 'tor-dual', 'ail'])],
    })),
    {
      name: 'sinusoid, mixed points, directions, a generator',
      options: [
        ...sinusoid,
        ...[
          '--perturbation',
          'mixup',
          '--slopes',
          'directions',
          '--abm',
          'generator',
          '--pm-weight',
          '1:0.1',
        ],
        ...withMethods(['imitation+pm+abm+gm', 'tor-dual+abm']),
      ],
    },
    ...['sqrt', 'square', 'drop'].map((branch) => ({
      name: `sinusoid, ${branch}`,
      options: [...sinusoid, '--outlier-branch', branch, ...withMethods(['tor', 'tor-dual'])],
    })),
    {
      name: 'sinusoid, validated students, part of the rows',
      options: [
        ...sinusoid,
        '--train-fraction',
        '0.75',
        '--validation-share',
        '0.25',
        ...withMethods(onRows),
      ],
    },
    {
      name: 'sinusoid, no rows',
      options: [...sinusoid, '--train-fraction', '0', ...withMethods(withoutData)],
    },
    { name: 'table', options: [...ofTable, ...withMethods([...onRows, ...onFeatures, ...withoutData])] },
    { name: 'table, two targets', options: [...ofTable, '--target', 'y,z', ...withMethods(onRows)] },
    {
      name: 'table, missing',
      options: [...ofTable, '--missing', 'mean', ...withMethods(['tor', 'imitation+gm'])],
    },
    {
      name: 'table, a teacher in a column',
      options: [
        ...['--batch-size', '16', '--steps', '20', ...students, '--data', table],
        '--target',
        'y',
        '--teacher-column',
        'z',
        ...withMethods(['imitation', 'tor-dual']),
      ],
    },
    {
      name: 'eyes',
      options: [...images, '--data', 'eyes', '--train-rows', '64', '--test-rows', '16', ...ofImages],
    },
    {
      name: 'mpiigaze',
      options: [
        ...images,
        '--data',
        `mpiigaze:${mpiigaze}`,
        '--subset',
        'all',
        '--size',
        '32x20',
        ...ofImages,
      ],
    },
    { name: 'multipie', options: [...images, '--data', `multipie:${multipie}`, '--folds', '2', ...ofImages] },
  ];
}

/** A table with two possible targets. */
export function tableText(rows: number): string {
  const lines = ['a,b,y,z'];
  for (let i = 0; i < rows; i++) {
    const [a, b] = [((i * 37) % rows) / rows - 0.5, ((i * 59) % rows) / rows - 0.5];
    const y = i % 9 === 0 ? 3 - a : a * b + a;
    lines.push([a, b, y, a * b + a + 0.01].map((value) => value.toFixed(6)).join(','));
  }
  return `${lines.join('\n')}\n`;
}
