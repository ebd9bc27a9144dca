import { fileURLToPath } from 'node:url';

/** The path of a file or folder under tooling/goldens/data. */
export function golden(name: string): string {
  return fileURLToPath(new URL(`../../../tooling/goldens/data/${name}`, import.meta.url));
}
