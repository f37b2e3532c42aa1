/** What a folder holds: a data set that is known by its layout. */
import type { Folder } from '../../datasets/folder.ts';
import { mpiigaze } from '../../datasets/images/mpiigaze.ts';
import { multipie } from '../../datasets/images/multipie.ts';
import { decodeGreyPng } from '../../datasets/png.ts';
import { isUciFolder } from '../../datasets/uci-folder.ts';
import { formatCount } from '../../base/format.ts';
import type { Inspection } from './inspection.ts';
import { describeEyes } from './inspect-eyes.ts';
import { describeUci } from './inspect-table.ts';

export async function describeFolder(folder: Folder, inspection: Inspection): Promise<void> {
  const { path, all, say, complain } = inspection;
  const names = await folder.list('');
  if (names.includes('Data')) {
    const subset = all ? 'all' : 'evaluation';
    say(`${path}: MPIIGaze, ${all ? 'all normalised eyes' : 'the evaluation subset'}`);
    return describeEyes('MPIIGaze', (options) => mpiigaze(folder, { ...options, subset }), inspection);
  }
  if (names.some((name) => /^session0[1-4]$/.test(name))) return describeMultipie(folder, inspection);
  if (isUciFolder(names)) return describeUci(folder, inspection);
  complain(
    `${path} is no folder of MPIIGaze (with Data/Normalized), Multi-PIE (with session01, …) or a table with splits ` +
      '(with data.txt, index_features.txt, index_target.txt)',
  );
}

async function describeMultipie(
  folder: Folder,
  { path, say, complain, line, signal }: Inspection,
): Promise<void> {
  say(`${path}: Multi-PIE`);
  const [subjects, cameras, sizes] = [new Set<number>(), new Map<number, number>(), new Set<string>()];
  let count = 0;
  const images = multipie(folder, {
    decode: decodeGreyPng,
    skipBad: true,
    signal,
    onSkip: ({ message }) => complain(message),
    onProgress: ({ done, total }) => line.update(done / total, () => `${done} of ${total} images`),
  });
  for await (const { subject, yaw, image } of images) {
    count++;
    subjects.add(subject);
    cameras.set(yaw, (cameras.get(yaw) ?? 0) + 1);
    sizes.add(`${image.width}×${image.height}`);
  }
  say(
    `  ${formatCount(count)} images of ${subjects.size} subjects; pixels: ${[...sizes].join(', ') || 'none'}`,
  );
  const yaws = [...cameras].sort(([a], [b]) => a - b);
  say(`  by yaw: ${yaws.map(([yaw, images]) => `${yaw}° ${formatCount(images)}`).join(', ') || 'none'}`);
}
