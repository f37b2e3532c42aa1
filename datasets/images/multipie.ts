/**
 * CMU Multi-PIE (Gross et al. 2010), the images of the cameras at head height:
 * session01/multiview/001/01/05_1/001_01_01_051_06.png. The target is the camera's yaw.
 */
import { checkFunction, checkList, checkNamed } from '../../base/borders.ts';
import { DatasetError } from '../dataset-error.ts';
import { checkFolder, checkReadOptions, type Folder, readEach, type ReadOptions } from '../folder.ts';
import { crop, type CropBox, type GreyImage, type ImageSize, resize } from './grey-image.ts';

/** Degrees in steps of 15, by camera; 05_1 is in front. Two more cameras, 08_1 and 19_1, are above and have none. */
export const multipieYaw: Readonly<Record<string, number>> = {
  '11_0': -90,
  '12_0': -75,
  '09_0': -60,
  '08_0': -45,
  '13_0': -30,
  '14_0': -15,
  '05_1': 0,
  '05_0': 15,
  '04_1': 30,
  '19_0': 45,
  '20_0': 60,
  '01_0': 75,
  '24_0': 90,
};

export interface MultipieOptions extends ReadOptions {
  /** Makes grey bytes of a PNG: `decodeGreyPng` of 'limbeck/png', or another. */
  readonly decode: (bytes: Uint8Array, options: { where: string }) => GreyImage;
  /** All that are there if left out: sessions 1 to 4, subjects 1 to 346, recordings, flashes 0 to 19. */
  readonly sessions?: readonly number[];
  readonly subjects?: readonly number[];
  readonly recordings?: readonly number[];
  readonly shots?: readonly number[];
  /** All of `multipieYaw` if left out. */
  readonly cameras?: readonly string[];
  /** What to cut out, the same of every image. */
  readonly crop?: CropBox;
  /** To what size; after cropping. */
  readonly size?: ImageSize;
}

export interface MultipieImage {
  readonly session: number;
  readonly subject: number;
  readonly recording: number;
  readonly camera: string;
  /** Which flash: 0 to 19. */
  readonly shot: number;
  /** Degrees. */
  readonly yaw: number;
  readonly image: GreyImage;
}

const LISTS = ['sessions', 'subjects', 'recordings', 'shots', 'cameras'] as const;

/**
 * The images in the folder that holds session01, …, by session, subject, recording, camera and shot, one at a time.
 *
 * @throws DatasetError for a name that contradicts its folder, and what `decode` throws, unless `skipBad`.
 */
export function multipie(folder: Folder, options: MultipieOptions): AsyncGenerator<MultipieImage> {
  checkFolder('multipie', folder);
  checkReadOptions('multipie', options, `decode ${LISTS.join(' ')} crop size`, true);
  checkFunction('multipie', 'decode', options.decode);
  for (const name of LISTS) if (options[name] !== undefined) checkList('multipie', name, options[name]);
  if (options.crop !== undefined) checkNamed('multipie: crop', options.crop, 'left top width height');
  if (options.size !== undefined) checkNamed('multipie: size', options.size, 'width height');
  return imagesIn(folder, options);
}

async function* imagesIn(folder: Folder, options: MultipieOptions): AsyncGenerator<MultipieImage> {
  const files = await filesIn(folder, options);
  if (files.length === 0)
    throw new DatasetError('session01/multiview', 'no image is there that was asked for');
  yield* readEach(files, (file) => readImage(folder, file, options), options);
}

interface ImageFile extends Omit<MultipieImage, 'image' | 'shot'> {
  readonly path: string;
}

async function filesIn(folder: Folder, options: MultipieOptions): Promise<ImageFile[]> {
  const { sessions, subjects, recordings, shots, cameras = Object.keys(multipieYaw) } = options;
  const unknown = cameras.find((camera) => !Object.hasOwn(multipieYaw, camera));
  if (unknown !== undefined)
    throw new RangeError(
      `multipie: no yaw is known of camera '${unknown}'; there are ${Object.keys(multipieYaw).join(', ')}`,
    );
  const files: ImageFile[] = [];
  for (const [session, sessionPath] of await numbered(folder, '', /^session0([1-4])$/, sessions)) {
    const base = `${sessionPath}/multiview`;
    for (const [subject, subjectPath] of await numbered(folder, base, /^(\d{3})$/, subjects)) {
      for (const [recording, path] of await numbered(folder, subjectPath, /^(\d\d)$/, recordings)) {
        const present = await folder.list(path);
        for (const camera of cameras.filter((name) => present.includes(name))) {
          for (const name of await folder.list(`${path}/${camera}`)) {
            const shot = Number(/_(\d\d)\.png$/.exec(name)?.[1]);
            if (!name.endsWith('.png') || (shots && Number.isInteger(shot) && !shots.includes(shot)))
              continue;
            const yaw = multipieYaw[camera]!;
            files.push({ session, subject, recording, camera, yaw, path: `${path}/${camera}/${name}` });
          }
        }
      }
    }
  }
  return files;
}

/** The folders whose names are numbers, and wanted. */
async function numbered(
  folder: Folder,
  path: string,
  pattern: RegExp,
  wanted: readonly number[] | undefined,
): Promise<[number: number, path: string][]> {
  const names = await folder.list(path);
  return names.flatMap((name): [number, string][] => {
    const number = Number(pattern.exec(name)?.[1] ?? NaN);
    const isWanted = Number.isInteger(number) && (wanted?.includes(number) ?? true);
    return isWanted ? [[number, path === '' ? name : `${path}/${name}`]] : [];
  });
}

async function readImage(folder: Folder, file: ImageFile, options: MultipieOptions): Promise<MultipieImage> {
  const { path, ...place } = file;
  const digits = (value: number, count: number) => String(value).padStart(count, '0');
  const wanted = [
    digits(place.subject, 3),
    digits(place.session, 2),
    digits(place.recording, 2),
    place.camera.replace('_', ''),
  ].join('_');
  const [, name, shot] = /([^/]*)_(\d\d)\.png$/.exec(path) ?? [];
  if (name !== wanted) throw new DatasetError(path, `the folder wants the name ${wanted}_NN.png`);
  let image = options.decode(await folder.read(path), { where: path });
  try {
    if (options.crop) image = crop(image, options.crop);
    if (options.size) image = resize(image, options.size);
  } catch (error) {
    if (error instanceof RangeError) throw new DatasetError(path, error.message, { cause: error });
    throw error;
  }
  return { ...place, shot: Number(shot), image };
}
