// Imports every export of every package: each is there, in the version that was packed.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const { resolve } = createRequire(import.meta.url);
const { versions, entries } = JSON.parse(await readFile('exports.json', 'utf8'));
for (const [name, version] of Object.entries(versions)) {
  const found = JSON.parse(await readFile(resolve(`${name}/package.json`), 'utf8')).version;
  if (found !== version) throw new Error(`${name} is installed in version ${found}, not ${version}`);
}
let names = 0;
for (const entry of entries) {
  const values = Object.values(await import(entry));
  if (values.length === 0 || values.includes(undefined)) throw new Error(`${entry} lacks an export`);
  names += values.length;
}
console.log(JSON.stringify({ packages: Object.keys(versions).length, entries: entries.length, names }));
