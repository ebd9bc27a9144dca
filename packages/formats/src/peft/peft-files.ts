import { LowrankError } from '@lowrank/core/plan';
import { bytesSource, fileSource, type ByteSource } from '../io/source.js';

/** A folder on disk (Node only), or its files by name, as a page is given them. */
export type PeftFiles = string | ReadonlyMap<string, Uint8Array>;

export interface OpenPeftFiles {
  /** What messages call the file, and `open` and `has` take. */
  path(file: string): string;
  /** Throws `file-missing`. */
  open(path: string): Promise<ByteSource>;
  has(path: string): Promise<boolean>;
}

export async function openPeftFiles(files: PeftFiles): Promise<OpenPeftFiles> {
  if (typeof files !== 'string') return inMemory(files);
  const [{ join }, { stat }] = await Promise.all([import('node:path'), import('node:fs/promises')]);
  const has = (path: string) =>
    stat(path).then(
      () => true,
      () => false,
    );
  return { path: (file) => join(files, file), open: fileSource, has };
}

function inMemory(files: ReadonlyMap<string, Uint8Array>): OpenPeftFiles {
  return {
    path: (file) => file,
    has: async (path) => files.has(path),
    async open(path) {
      const bytes = files.get(path);
      if (bytes) return bytesSource(path, bytes);
      throw new LowrankError('file-missing', {
        given: path,
        rule: `it is not among the files given: ${[...files.keys()].join(', ')}`,
        fix: 'give all files of the adapter folder',
      });
    },
  };
}
