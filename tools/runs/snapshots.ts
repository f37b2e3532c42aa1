/**
 * What a folder would be after a kill at each of its changes, found in one process that is never killed: before each change, and
 * where one can be half done also half-way, the folder is copied. Loaded before the command, which the environment names it to.
 */
import fs from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { crashAt } from './crash.ts';

const { SNAPSHOT_FOLDER: folder, SNAPSHOT_TO: home } = process.env;

if (folder !== undefined && home !== undefined) {
  const root = resolve(folder);
  // Node's own, before they are watched.
  const { cpSync, existsSync, readdirSync, rmSync, writeFileSync, readFileSync, mkdirSync, readlinkSync } =
    fs;
  let count = 0;
  const keep = (name: string): string => {
    const to = join(home, name);
    mkdirSync(to, { recursive: true });
    if (existsSync(root)) cpSync(root, join(to, 'run'), { recursive: true });
    return join(to, 'run');
  };
  crashAt(
    folder,
    { call: Infinity, isHalf: false },
    () => {
      throw new Error('never');
    },
    (name, given, canBeHalf) => {
      count++;
      keep(`${count}-0`);
      if (!canBeHalf) return;
      const copy = keep(`${count}-1`);
      if (name === 'writeSync') {
        const [file, content, offset = 0] = given as [number, string | Uint8Array, number?];
        const bytes = typeof content === 'string' ? Buffer.from(content) : content;
        const half = bytes.subarray(offset, offset + Math.floor((bytes.length - offset) / 2));
        const path = join(copy, relative(root, readlinkSync(`/proc/self/fd/${file}`)));
        writeFileSync(path, Buffer.concat([readFileSync(path), half]));
      } else {
        const path = join(copy, relative(root, resolve(given[0] as string)));
        const names = readdirSync(path);
        for (const each of names.slice(0, Math.ceil(names.length / 2)))
          rmSync(join(path, each), { recursive: true, force: true });
      }
    },
  );
}
