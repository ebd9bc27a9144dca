import { LowrankError } from '@lowrank/core';
import { unzipSync } from 'fflate';

/** The files of a PEFT folder by name, as a visitor dropped them: loose, or in a zip. Others are left unread. */
export async function adapterFiles(files: File[]): Promise<Map<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  for (const file of files) {
    if (file.name.toLowerCase().endsWith('.zip')) {
      for (const [path, bytes] of Object.entries(unzipped(file.name, await bytesOf(file)))) {
        found.set(path.slice(path.lastIndexOf('/') + 1), bytes);
      }
    } else if (isWanted(file.name)) found.set(file.name, await bytesOf(file));
  }
  return found;
}

const isWanted = (path: string) => /(^|\/)adapter_[^/]*$/.test(path);

const bytesOf = async (file: File) => new Uint8Array(await file.arrayBuffer());

function unzipped(name: string, bytes: Uint8Array): Record<string, Uint8Array> {
  try {
    return unzipSync(bytes, { filter: ({ name: path }) => isWanted(path) });
  } catch (cause) {
    throw new LowrankError('file-invalid', {
      given: name,
      rule: `it is no zip that can be read (${(cause as Error).message})`,
      fix: 'give the adapter’s two files, or a zip of them',
      cause,
    });
  }
}
