// Writes the tables of docs/reliability.md from tooling/campaign/results.
import { readFile, writeFile } from 'node:fs/promises';
import { filled } from './src/tables.mjs';

const page = new URL('../../docs/reliability.md', import.meta.url);
await writeFile(page, filled(await readFile(page, 'utf8')));
