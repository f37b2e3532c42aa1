/** Rendered heads in the layout of Multi-PIE: a tree of PNGs by session, subject, recording and camera. */
import { encode } from 'fast-png';
import { multipieYaw } from '../../datasets/images/multipie.ts';
import { renderedHeads } from '../../datasets/images/rendered-heads.ts';
import { type MadeFile, randomOf } from './make.ts';

export interface MakeMultipieOptions {
  readonly seed: number;
  /** Subjects, numbered from 1; at most 346. */
  readonly persons: number;
  /** Flashes of each camera, from 0 on; at most 20. */
  readonly shots: number;
  readonly height: number;
  readonly width: number;
}

/** One session and one recording of each subject, from the 13 cameras at head height. */
export async function* multipieFiles(options: MakeMultipieOptions): AsyncGenerator<MadeFile> {
  const { seed, persons, height, width } = options;
  const cameras = Object.entries(multipieYaw);
  const shots = Array.from({ length: options.shots }, (_, i) => i);
  const random = randomOf(seed);
  for (let subject = 0; subject < persons; subject++) {
    const { rows, pixels, camera, shot } = renderedHeads(random, {
      firstSubject: subject,
      subjects: 1,
      yaws: cameras.map(([, yaw]) => yaw),
      shots,
      height,
      width,
    });
    const number = String(subject + 1).padStart(3, '0');
    for (let row = 0; row < rows; row++) {
      const name = cameras[camera[row]!]![0];
      const flash = String(shots[shot[row]!]).padStart(2, '0');
      const file = `${number}_01_01_${name.replace('_', '')}_${flash}.png`;
      const data = pixels.subarray(row * height * width, (row + 1) * height * width);
      yield {
        path: `session01/multiview/${number}/01/${name}/${file}`,
        bytes: encode({ width, height, data, channels: 1 }),
        share: (subject + (row + 1) / rows) / persons,
      };
    }
  }
}
