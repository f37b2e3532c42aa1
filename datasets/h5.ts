/** HDF5 files through the package h5wasm, and what data sets keep in them: `limbeck/h5`. */
import h5wasm, { type Dataset, type Group } from 'h5wasm';
import { checkBytes, checkOptions, checkText } from '../base/borders.ts';
import { FileError } from './file-error.ts';
import type { H5Array, H5File } from './images/mpiigaze-h5.ts';

export type { H5Array, H5File } from './images/mpiigaze-h5.ts';
export { mpiigazeH5, type MpiigazeH5Options } from './images/mpiigaze-h5.ts';

/** All that opening and reading an HDF5 file throws. */
export class H5Error extends FileError {
  override readonly name = 'H5Error';
}

let opened = 0;

/**
 * A file, whose bytes are copied into h5wasm's memory until `close`. MATLAB's -v7.3 files are such; their dimensions stand
 * in reverse.
 *
 * @throws H5Error where the bytes are no HDF5. The library is C: damaged files may end in its own errors, as H5Error.
 */
export async function openH5(bytes: Uint8Array, options: { where?: string } = {}): Promise<H5File> {
  checkBytes('openH5', bytes);
  checkOptions('openH5', options, 'where');
  const { where = 'h5' } = options;
  const module = await h5wasm.ready;
  module.activate_throwing_error_handler();
  const path = `/limbeck-${opened++}.h5`;
  const attempt = <T>(what: string, f: () => T): T => {
    try {
      return f();
    } catch (error) {
      if (error instanceof H5Error) throw error;
      const reason = (error instanceof Error ? error.message : String(error)).split('\n')[0];
      throw new H5Error({ where, offset: 0 }, `${what} cannot be read (${reason})`);
    }
  };
  const fail = (problem: string): never => {
    throw new H5Error({ where, offset: 0 }, problem);
  };
  module.FS.writeFile(path, bytes);
  let file: InstanceType<typeof h5wasm.File>;
  try {
    file = attempt('the file', () => new h5wasm.File(path, 'r'));
  } catch (error) {
    module.FS.unlink(path);
    throw error;
  }
  const get = (name: string) => attempt(name, () => file.get(name));
  return {
    where,
    keys(name) {
      checkText('openH5: keys', 'the path', name);
      const group = name === '' ? file : get(name);
      if (!isGroup(group)) return fail(`wants a group ${name}, got ${group?.constructor.name ?? 'nothing'}`);
      return attempt(name, () => group.keys());
    },
    read(name): H5Array {
      checkText('openH5: read', 'the path', name);
      const dataset = get(name);
      if (!isDataset(dataset))
        return fail(`wants a data set ${name}, got ${dataset?.constructor.name ?? 'nothing'}`);
      const values = attempt(name, () => dataset.value);
      if (!ArrayBuffer.isView(values) || values instanceof DataView)
        return fail(`${name} wants an array of numbers, got ${JSON.stringify(dataset.dtype)}`);
      return { shape: dataset.shape ?? [], values: values as H5Array['values'] };
    },
    close() {
      attempt('the file', () => file.close());
      module.FS.unlink(path);
    },
  };
}

function isGroup(entity: unknown): entity is Group {
  return entity instanceof h5wasm.Group;
}

function isDataset(entity: unknown): entity is Dataset {
  return entity instanceof h5wasm.Dataset;
}
