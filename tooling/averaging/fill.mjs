import { readFile, writeFile } from 'node:fs/promises';
import { withPart } from '../campaign/src/page.mjs';

const page = new URL('../../docs/averaging.md', import.meta.url);

/** Puts a table into docs/averaging.md. */
export async function fill(name, table) {
  await writeFile(page, withPart(await readFile(page, 'utf8'), name, table));
}
