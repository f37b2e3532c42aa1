/** The command line: every default, every mistake with its one line. */

import { expect, test } from 'vitest';
import { exitCodeOf } from '../../base/errors.ts';
import { helpText } from '../../cli/help.ts';
import { subjectNames } from '../../study/options/idle-options.ts';
import { methodNames } from '../../study/study.ts';
import { parseNetwork } from '../../models/network-spec.ts';
import { options } from '../../study/options/option-list.ts';
import { defaults, tableDefaults } from '../../study/options/study-defaults.ts';
import { parseOptions } from '../../study/options/options.ts';
import { editDistance, nearest } from '../../base/nearest-name.ts';
import { fakeMethods } from '../fake-study.ts';

const parse = (...argv: string[]) => parseOptions(argv, fakeMethods);

test('nothing given: the defaults', () => {
  const parsed = parse();
  expect(parsed.config).toEqual(defaults);
  expect(parsed).toMatchObject({ out: undefined, json: false, help: false, quiet: false, dryRun: false });
});

test('every contract name is read', () => {
  const { config, out, json } = parse(
    '--data',
    'sinusoid',
    '--noise',
    '0.4',
    '--methods',
    'scratch,tor-dual',
    '--teacher=mlp:64,64:relu',
    '--student',
    'mlp:4',
    '--epochs',
    '7',
    '--seeds',
    '3',
    '--seed',
    '1000',
    '--device',
    'llvmpipe',
    '--out',
    'runs/a',
    '--json',
  );
  expect(config).toEqual({
    ...defaults,
    noise: 0.4,
    methods: ['scratch', 'tor-dual'],
    teacher: 'mlp:64,64:relu',
    student: 'mlp:4',
    epochs: 7,
    seeds: 3,
    seed: 1000,
    device: 'llvmpipe',
  });
  expect(out).toBe('runs/a');
  expect(json).toBe(true);
});

test.each([
  [['--nois', '0.2'], "unknown option '--nois', did you mean '--noise'?"],
  [['--lr', '0.2'], "did you mean '--learning-rate'?"],
  [['--zzzzzz'], "unknown option '--zzzzzz' (--help lists them all)"],
  [['--methods', 'scratch,tor-daul'], "unknown method 'tor-daul', did you mean 'tor-dual'?"],
  [['--methods', 'scrach'], "did you mean 'scratch'?"],
  [['--methods', 'tor,tor'], "names 'tor' twice"],
  [['--methods', 'tor,'], 'an empty name'],
  [['--student', 'mlp:100,-3'], "width '-3' in 'mlp:100,-3'"],
  [['--student', 'mlp:'], 'lacks widths'],
  [['--student', 'mlp'], 'lacks widths'],
  [['--student', 'mlp:8,,8'], "width ''"],
  [['--teacher', 'mpl:8'], "--teacher: unknown network 'mpl', did you mean 'mlp'?"],
  [['--teacher', 'mlp:8:rleu'], "unknown activation 'rleu' in 'mlp:8:rleu', did you mean 'relu'?"],
  [['--noise', '2'], "--noise must be a number from 0 to 1, not '2'"],
  [['--noise', '-0.1'], "not '-0.1'"],
  [['--noise', 'NaN'], "not 'NaN'"],
  [['--noise', '--json'], '--noise needs a value'],
  [['--noise='], '--noise needs a value'],
  [['--noise'], '--noise needs a value'],
  [['--sigma', '1:2:3'], "--sigma wants a number, or two such as 1:0.1, not '1:2:3'"],
  [['--sigma', '1:'], "--sigma must be a number of at least 0, not ''"],
  [['--sought', '1:2'], "--sought must be a number from 0 to 1, not '2'"],
  [['--seeds', '0'], '--seeds must be a whole number from 1'],
  [['--epochs', '1.5'], "--epochs must be a whole number from 1 to 1000000000, not '1.5'"],
  [['--epochs', 'ten'], "not 'ten'"],
  [['--learning-rate', '0'], '--learning-rate must be a number above 0'],
  [['--seed', '4294967295', '--seeds', '2'], 'past the last seed'],
  [['--rule', 'mda'], "--rule: unknown value 'mda', did you mean 'mad'?"],
  [['--data', 'cosinusoid'], "did you mean 'sinusoid'?"],
  [
    ['--data', 'wine'],
    "unknown data set 'wine' (sinusoid, eyes, glyphs, FILE.csv, mpiigaze:FOLDER, mpiigaze-h5:FILE, multipie:FOLDER, digits:FILE, idx:FOLDER, cifar10:FOLDER, cifar100:FOLDER, images:FOLDER; a file such as wine.csv)",
  ],
  [['--target', 'y'], '--target belongs to --data FILE.csv or digits:FILE, not to sinusoid'],
  [
    ['--data', 'a.csv', '--train-rows', '50'],
    '--train-rows belongs to --data sinusoid or eyes or mpiigaze:FOLDER or mpiigaze-h5:FILE or multipie:FOLDER or glyphs or digits:FILE or idx:FOLDER or cifar10:FOLDER or cifar100:FOLDER or images:FOLDER, not to FILE.csv',
  ],
  [['--data', 'a.csv', '--target', 'y,'], "--target: an empty name in 'y,'"],
  [['--data', 'a.csv', '--header', 'maybe'], "--header: unknown value 'maybe' (known: auto, yes, no)"],
  [['--data', 'a.csv', '--test-share', '1'], '--test-share must be a number from 0.001 to 0.9'],
  [['--json=yes'], '--json takes no value'],
  [['5'], 'npm run distill -- --seeds 5'],
])('%j is refused', (argv, message) => {
  let caught: unknown;
  try {
    parse(...argv);
  } catch (error) {
    caught = error;
  }
  expect(caught).toBeInstanceOf(Error);
  expect((caught as Error).message).toContain(message);
  expect((caught as Error).message).not.toContain('\n');
  expect(exitCodeOf(caught)).toBe(2);
});

test('numbers that change over a training', () => {
  const { config } = parse('--sigma', '1:0.10', '--pm-weight=2', '--sought', '0:1');
  expect(config).toMatchObject({ sigma: '1:0.1', pmWeight: 2, sought: '0:1', gmWeight: 1 });
});

test('a file: its own defaults, and how it is read', () => {
  const { config, table } = parse('--data', 'a/b.csv');
  expect(config).toEqual({ ...tableDefaults, file: 'a/b.csv' });
  const none = { columns: undefined, header: undefined, group: undefined };
  expect(table).toEqual({ ...none, also: [], skipLines: 0, split: [], keepsMissing: false });
  const told = parse(
    '--data=./wine',
    '--target',
    'a, b',
    '--columns',
    'a,b,c',
    '--header',
    'no',
    '--noise',
    '0.1',
  );
  expect(told.config).toMatchObject({ data: 'table', file: './wine', target: ['a', 'b'], noise: 0.1 });
  expect(told.table).toMatchObject({ columns: ['a', 'b', 'c'], also: ['a', 'b'], header: false });
});

test('a network has widths and an activation', () => {
  expect(parseNetwork('mlp:8,16', '--student')).toEqual({ kind: 'mlp', widths: [8, 16], activation: 'tanh' });
  expect(parseNetwork('mlp:8:gelu', '--student')).toMatchObject({ activation: 'gelu' });
});

test('networks for CIFAR have a depth, wide ones a widening, all a share of their channels', () => {
  for (const kind of ['resnet-cifar8', 'resnet-cifar110', 'wrn-10-1', 'wrn-40-2', 'mobilenetv2']) {
    expect(parseNetwork(kind, '--teacher')).toEqual({ kind, width: 1 });
    expect(parseNetwork(`${kind}:0.5`, '--teacher')).toEqual({ kind, width: 0.5 });
  }
  const no = [
    'resnet-cifar21',
    'resnet-cifar2',
    'resnet-cifar20-2',
    'resnet-cifar1208',
    'wrn-16',
    'wrn-15-2',
  ];
  for (const kind of [...no, 'wrn-16-0', 'wrn-16-100', 'wrn-016-2'])
    expect(() => parseNetwork(kind, '--teacher'), kind).toThrow(
      new RegExp(
        `--teacher: unknown network '${kind}'.*depths of resnet-cifar are 6n \\+ 2, of wrn 6n \\+ 4`,
      ),
    );
});

test('a swap of neighbours is one edit', () => {
  expect(editDistance('tor-daul', 'tor-dual')).toBe(1);
  expect(editDistance('kitten', 'sitting')).toBe(3);
  expect(nearest('imi', fakeMethods)).toBe('imitation');
  expect(nearest('xyz', fakeMethods)).toBeUndefined();
});

test('help names every option and method', () => {
  const help = helpText(fakeMethods);
  for (const { name } of options) expect(help).toContain(`--${name}`);
  for (const method of fakeMethods) expect(help).toContain(method);
  for (const line of help.split('\n')) expect(line.length).toBeLessThanOrEqual(110);
});

test.each<[string[], string[]]>([
  [
    ['--sigma', '0.5'],
    ['--sigma has no effect here: it is about a method with +pm and --perturbation gaussian'],
  ],
  [['--sigma', '0.5', '--methods', 'tor+pm'], []],
  [
    ['--sigma', '0.5', '--methods', 'tor+pm', '--perturbation', 'mixup'],
    ['--sigma has no effect here: it is about a method with +pm and --perturbation gaussian'],
  ],
  [['--quantile', '0.8'], ['--quantile has no effect here: it is about --rule quantile']],
  [['--quantile', '0.8', '--rule', 'quantile'], []],
  [['--epochs', '3', '--steps', '20'], ['--epochs has no effect here: --steps counts updates instead']],
  [
    ['--noise', '0', '--outlier-size', '2'],
    ['--outlier-size has no effect here: it is about --noise above 0'],
  ],
  [
    ['--teacher-weight', '2', '--direct-steps', '3', '--methods', 'scratch,tor'],
    [
      '--teacher-weight has no effect here: it is about the method tor-dual',
      '--direct-steps has no effect here: it is about the method direct',
    ],
  ],
  [['--generator-every', '2', '--methods', 'imitation+abm', '--abm', 'generator'], []],
  [
    ['--generator-every', '2', '--methods', 'imitation+abm'],
    [
      '--generator-every has no effect here: it is about the method generator, or a method with +abm and --abm generator',
    ],
  ],
  [
    ['--methods', 'scratch', '--teacher-steps', '5', '--rule', 'mad'],
    [
      '--teacher-steps has no effect here: it is about a method that asks a teacher',
      '--rule has no effect here: it is about a method that asks a teacher',
    ],
  ],
])('options in vain are told: %j', (argv, lines) => {
  expect(parseOptions(argv, methodNames).idle).toEqual(lines);
});

test('options that may be in vain are options', () => {
  for (const name of subjectNames()) expect(options.map((option) => option.name)).toContain(name);
});

test('a method is the same whatever the order of its add-ons', () => {
  const twice = () => parseOptions(['--methods', 'imitation+pm+gm,imitation+gm+pm'], methodNames);
  expect(twice).toThrow("--methods names 'imitation+pm+gm' twice");
});
