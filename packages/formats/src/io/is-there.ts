import type { FileContent } from './write-folder.js';

/** Up to how many bytes a file is compared: what is larger is taken to be another. */
const largest = 2 ** 20;

/** Whether a file holds these bytes already. */
export async function isThere(path: string, content: FileContent): Promise<boolean> {
  if (typeof content === 'function' || content.length > largest) return false;
  const { readFile, stat } = await import('node:fs/promises');
  try {
    const { size } = await stat(path);
    if (size !== content.length) return false;
    const bytes = await readFile(path);
    return bytes.length === content.length && bytes.every((byte, at) => byte === content[at]);
  } catch {
    return false;
  }
}
