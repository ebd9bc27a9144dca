import { unwritable } from '@lowrank/formats';
import { mkdir } from 'node:fs/promises';

/** Makes a folder and what it lies in, where they are not there yet. Throws `file-unwritable`. */
export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true }).catch((cause) => {
    throw unwritable(path, cause);
  });
}
