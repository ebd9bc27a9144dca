// The table of docs/releasing.md: what core takes of a bundle, for some uses of it, beside its budgets.
import { readFileSync, writeFileSync } from 'node:fs';
import { table, withPart } from '../campaign/src/page.mjs';

const page = new URL('../../docs/releasing.md', import.meta.url);

/** What a layer that trains imports, for which the 12 kB are. */
const layer = 'FrozenLinear, LoraLinear, useBackend';

/** Each Node packs a little otherwise, and a page that is a few bytes behind says nothing false. */
const tolerance = 0.01;

/** @param sizes `{ name, names, bytes, budget }` of each use of `@lowrank/core` and its subpaths */
export function writeSizes(sizes) {
  writeFileSync(page, withPart(readFileSync(page, 'utf8'), 'sizes', partOf(sizes)));
}

/** @returns what is wrong with the page: its figures are more than 1 % off, or its budgets are others. */
export function sizeProblems(sizes) {
  const text = readFileSync(page, 'utf8');
  const written = sizes.map((size) => ({ ...size, bytes: writtenBytes(text, size) }));
  const near = written.every(({ bytes }, at) => Math.abs(bytes - sizes[at].bytes) <= tolerance * sizes[at].bytes);
  if (near && withPart(text, 'sizes', partOf(written)) === text) return [];
  return [
    'docs/releasing.md has other sizes than core: after a build, run pnpm exec node tooling/gates/tarballs.mjs --write',
  ];
}

function partOf(sizes) {
  const bytesOf = (wanted) =>
    count(sizes.find(({ name, names }) => name === '@lowrank/core' && names === wanted).bytes);
  const rows = sizes.map((size) => [...cellsOf(size), count(size.bytes), count(size.budget)]);
  return `${table(['imported', 'from', 'bytes in a bundle', 'budget'], rows)}

A layer that trains needs ${bytesOf(layer)} bytes of core; all of core is ${bytesOf('*')}.`;
}

function writtenBytes(text, size) {
  const start = `| ${cellsOf(size).join(' | ')} | `;
  const line = text.split('\n').find((one) => one.startsWith(start));
  return line ? Number(line.slice(start.length).split(' ')[0].replaceAll(',', '')) : Number.NaN;
}

function cellsOf({ name, names }) {
  return [names === '*' ? 'everything' : `\`${names}\``, `\`${name}\``];
}

const count = (bytes) => bytes.toLocaleString('en-GB');
