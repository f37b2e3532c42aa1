/** Methods, tasks and data of a user's own: from files on the command line, and given to `distill` in a program. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { distill } from '../../cli/from-code.ts';
import { main } from '../../cli/distill.ts';
import { pendulum } from '../../examples/own-data.ts';
import { halfway } from '../../examples/own-method.ts';
import { quantile } from '../../examples/own-task.ts';
import { sha256 } from '../../base/sha256.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'limbeck-own-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const tiny = { device: 'cpu', seeds: 2, 'train-rows': 20, 'test-rows': 10, steps: 4, 'teacher-steps': 4 };
const words = Object.entries(tiny).map(([name, value]) => `--${name}=${value}`);

/** In plain JavaScript, as a package would have it. */
const source = `import { mul } from 'limbeck';
import { lossMethod, number, teacher } from 'limbeck/study';
const options = { mineBy: number({ name: 'mine-by', group: 'training', min: 0, default: 1, help: 'a factor' }) };
export const mine = lossMethod({
  name: 'mine', summary: 'imitation, times a factor', options, uses: [teacher],
  loss: ({ heads, batch, task, keeping }, { mineBy }) =>
    mul(task.imitation(heads.label, batch.teacher, keeping), mineBy),
});
`;

test('a file is named by its path, with add-ons and options of its own; its hash is kept', async () => {
  const file = join(folder, 'mine.mjs');
  writeFileSync(file, source);
  const out = join(folder, 'run');
  const asked = ['distill', '--methods', `imitation,${file},${file}+pm`, '--mine-by', '1', ...words];
  const said = execFileSync(
    process.execPath,
    [join(root, 'scripts/limbeck.mjs'), ...asked, '--out', out, '--json'],
    {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const { rows } = JSON.parse(said.trim().split('\n').at(-1)!) as {
    rows: { method: string; perSeed: number[] }[];
  };
  expect(rows.map(({ method }) => method)).toEqual(['teacher', 'imitation', 'mine', 'mine+pm']);
  expect(rows[2]!.perSeed).toEqual(rows[1]!.perSeed);
  expect(rows[3]!.perSeed).not.toEqual(rows[1]!.perSeed);
  const config = JSON.parse(readFileSync(join(out, 'config.json'), 'utf8')) as Record<string, unknown>;
  expect(config.ownFiles).toEqual([{ path: file, sha256: await sha256(new TextEncoder().encode(source)) }]);
  expect(config.training).toMatchObject({ mineBy: 1 });
});

test.each([
  ['no-such-file.mjs', undefined, 'there is no such file'],
  ['empty.mjs', 'export const a = 1;', 'exports no method; wants one such as: export const mine'],
  ['broken.mjs', 'export const =', 'cannot be loaded'],
  ['throws.mjs', 'throw new Error("not today");', 'cannot be loaded: not today'],
  [
    'taken.mjs',
    "export default { name: 'tor', summary: '', build() {} };",
    "there is a method 'tor' already",
  ],
  [
    'name.mjs',
    "export default { name: 'My method', summary: '', build() {} };",
    "'My method' is no name of a method",
  ],
])('%s is refused in one line', async (name, text, message) => {
  const file = join(folder, name);
  if (text !== undefined) writeFileSync(file, text);
  let said = '';
  const stderr = { write: (part: string) => ((said += part), true), isTTY: false, columns: 80 };
  const code = await main(['--methods', file, ...words], { stderr: stderr as never });
  expect(code).toBe(2);
  expect(said).toContain(message);
  expect(said.trim().split('\n')).toHaveLength(1);
});

test('in a program: findings, table and report', async () => {
  const networks: string[] = [];
  const given = { ...tiny, methods: ['scratch', 'imitation', halfway], 'halfway-share': 0 };
  const { summary, table, report, seeds, config } = await distill(given, {
    onNetwork: ({ method, seed }) => void networks.push(`${method} ${seed}`),
  });
  const found = Object.fromEntries(summary.rows.map(({ method, perSeed }) => [method, perSeed]));
  expect(found.halfway).toEqual(found.scratch);
  expect(config.methods).toEqual(['scratch', 'imitation', 'halfway']);
  expect(table).toContain('halfway');
  expect(report()).toContain('<html');
  expect(seeds).toHaveLength(2);
  expect(networks).toContain('halfway 1');
  const all = await distill({ ...given, 'halfway-share': 1 });
  expect(all.summary.rows.at(-1)!.perSeed).toEqual(found.imitation);
  await expect(distill({ ...tiny, 'halfway-share': 2 })).rejects.toThrow(
    'halfway-share must be a number from 0 to 1',
  );
  await expect(distill({ stepz: 3 })).rejects.toThrow(
    "distill.stepz: unknown option 'stepz', did you mean 'steps'?",
  );
});

test('a study names such files, with their hashes, and runs them where they are trusted', () => {
  const file = join(folder, 'planned.mjs');
  writeFileSync(file, source.replaceAll('mine', 'planned'));
  const { device, ...base } = tiny;
  const study = { name: 'own', base: { ...base, device, seeds: 1 }, grid: { methods: ['imitation', file] } };
  const path = join(folder, 'study.json');
  writeFileSync(path, JSON.stringify(study));
  const out = join(folder, 'plan');
  const limbeck = (...argv: string[]) => {
    const words = [join(root, 'scripts/limbeck.mjs'), 'study', ...argv];
    const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: folder, encoding: 'utf8' });
    return { code: status, said: stdout + stderr };
  };
  expect(limbeck('plan', path, '--out', out, '--quiet').said).toContain('2 runs in');
  const plan = JSON.parse(readFileSync(join(out, 'plan.json'), 'utf8')) as { ownFiles: { path: string }[] };
  expect(plan.ownFiles.map(({ path: own }) => own)).toEqual([file]);
  const refused = limbeck('run', out, '--all', '--quiet');
  expect(refused).toMatchObject({ code: 2, said: expect.stringContaining('then say so with --trust') });
  expect(limbeck('run', out, '--all', '--quiet', '--trust')).toMatchObject({ code: 0 });
  expect(limbeck('merge', out).said).toContain('2 of 2 runs are done');
  expect(readFileSync(join(out, 'results.csv'), 'utf8')).toContain('planned');
  writeFileSync(file, `${source.replaceAll('mine', 'planned')}throw new Error('it ran');`);
  const changed = limbeck('run', out, '--all', '--quiet', '--trust');
  expect(changed).toMatchObject({
    code: 2,
    said: expect.stringContaining('changed since the plan was made'),
  });
});

test('what would overwrite something else is refused', async () => {
  const [key, option] = Object.entries(halfway.options!)[0]!;
  const other = (changes: object) => distill({ ...tiny, methods: [{ ...halfway, ...changes }] });
  await expect(
    other({ name: 'keyed', options: { steps: { ...option, name: 'keyed-steps' } } }),
  ).rejects.toThrow("the option --keyed-steps has the key 'steps'; wants keyedSteps");
  await expect(other({ name: 'copied', options: { [key]: { ...option } } })).rejects.toThrow(
    `there is an option --${(option as { name: string }).name} already; import it`,
  );
  const label = { name: 'label', needs: 'predictions' as const, make: () => new Float32Array(0) };
  await expect(other({ name: 'shadowing', options: {}, uses: [label] })).rejects.toThrow(
    "a batch has a column 'label' already",
  );
});

test('a task of one’s own: its loss trains, its metric ranks', async () => {
  const networks = { teacher: 'mlp:4', student: 'mlp:8', 'learning-rate': 0.03, 'batch-size': 50 };
  const counts = { seeds: 1, steps: 200, 'teacher-steps': 1, 'train-rows': 100 };
  const trained = { ...tiny, ...networks, ...counts, methods: ['scratch', 'imitation'] };
  const [own, usual] = [await distill({ ...trained, task: quantile }), await distill(trained)];
  const row = own.summary.rows.find(({ method }) => method === 'scratch')!;
  expect(row.metric).toBe('pinball loss');
  expect(own.table).toContain('test pinball loss');
  const above = ({ seeds: [seed] }: typeof own) => {
    const { x, y } = seed!.points;
    const { fit } = seed!.results.find(({ method }) => method === 'scratch')!;
    if (fit.kind !== 'curve') throw new Error('the sinusoid has a curve');
    // The nearest point of the grid.
    const at = (t: number) => fit.y[Math.round((t + 1) * 100)]!;
    return x.filter((t, i) => at(t) > y[i]!).length / x.length;
  };
  expect(above(usual)).toBeLessThan(0.75);
  expect(above(own)).toBeGreaterThan(0.8);
  await expect(distill({ ...tiny, task: 'gaze' })).rejects.toThrow('--task: gaze is not for --data sinusoid');
  await expect(distill({ ...tiny, task: 'gazze' })).rejects.toThrow(
    "unknown task 'gazze', did you mean 'gaze'?",
  );
  const higher = {
    ...quantile,
    name: 'higher',
    metrics: [{ ...quantile.metrics[0], better: 'higher' as const }] as const,
  };
  await expect(distill({ ...tiny, task: higher })).rejects.toThrow('its first metric ranks methods');
  await expect(distill({ ...tiny, task: quantile, methods: ['imitation+pm'] })).rejects.toThrow(
    "'imitation+pm' is for the task regression, and that of --data sinusoid is quantile",
  );
});

test('a kind of data of one’s own: its samples, options and columns', async () => {
  const networks = { teacher: 'mlp:8', student: 'mlp:4', 'batch-size': 20, 'train-rows': 60 };
  const given = { ...tiny, ...networks, data: pendulum, methods: ['scratch', 'tor'], 'pendulum-swing': 2 };
  let description = '';
  const { summary, config, seeds, report } = await distill(given, {
    onNetwork: (_, weights) => void (description = new TextDecoder('latin1').decode(weights.slice(0, 1500))),
  });
  expect(config).toMatchObject({ data: 'pendulum', file: '', pendulumSwing: 2, outlierSize: 1 });
  expect(summary).toMatchObject({ data: 'pendulum', target: ['period'], reference: 'held-out labels' });
  expect(summary.rows.map(({ method }) => method)).toEqual(['teacher', 'scratch', 'tor']);
  expect(seeds[0]!.points.outlier!.filter(Boolean).length).toBeGreaterThan(3);
  expect(Math.max(...seeds[0]!.points.y)).toBeLessThan(5);
  expect(description).toContain('length');
  expect(report()).toContain('pendulum: period');
  await expect(distill({ ...tiny, 'pendulum-swing': 1 })).rejects.toThrow(
    '--pendulum-swing belongs to --data',
  );
  const { columns: _, ...without } = { ...pendulum, name: 'bare' };
  await expect(distill({ ...tiny, data: without })).rejects.toThrow(
    "kind of data 'bare' wants tasks, columns",
  );
});

test('a study whose methods ask nothing of a teacher trains none', async () => {
  const { summary, report } = await distill({ ...tiny, methods: ['scratch', 'scratch-huber'] });
  expect(summary.rows.map(({ method }) => method)).toEqual(['scratch', 'scratch-huber']);
  expect(summary.mask).toEqual({ precision: null, recall: null, rejected: null });
  expect(report()).not.toMatch(/NaN|undefined/);
  const eyes = { data: 'eyes', student: 'lenet:0.1', size: '16x16', 'train-rows': 24, patches: 4 };
  const images = await distill({ ...tiny, ...eyes, seeds: 1, methods: ['scratch'] });
  expect(images.summary.rows.map(({ method }) => method)).toEqual(['scratch']);
  expect(images.report()).not.toMatch(/NaN|undefined/);
});
