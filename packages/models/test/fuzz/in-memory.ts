import { bytesSource } from '@lowrank/formats';
import type { ModelFolder } from '@lowrank/models';
import { readFileSync } from 'node:fs';
import { goldenFolder } from '../golden.js';

/** What messages call each file of a folder in memory. */
export const memoryName = 'fuzzed/';

/** Files as a folder. */
export function inMemory(files: Record<string, Uint8Array>): ModelFolder {
  return {
    name: 'fuzzed',
    open: async (file) =>
      Object.hasOwn(files, file) ? bytesSource(`${memoryName}${file}`, files[file] as Uint8Array) : undefined,
  };
}

export const goldenBytes = (path: string) => {
  const [folder = '', ...rest] = path.split('/');
  return new Uint8Array(readFileSync(`${goldenFolder(folder)}/${rest.join('/')}`));
};
