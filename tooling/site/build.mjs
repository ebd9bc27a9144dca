// Builds the docs site into dist/: pages of docs/ and READMEs, and the API reference. Fails on what leads nowhere.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vitepress';
import { writeApiReference } from './src/api-reference.mjs';
import { deadAnchors } from './src/dead-anchors.mjs';
import { dist, pages, site } from './src/folders.mjs';
import { newlyUndocumented } from './src/newly-undocumented.mjs';
import { writePages } from './src/write-pages.mjs';

rmSync(pages, { recursive: true, force: true });
const dead = writePages();
const { warnings, undocumented } = await writeApiReference();
const allowed = JSON.parse(readFileSync(join(site, 'undocumented.json'), 'utf8'));
await build(site); // throws on a link to no page
const problems = [
  ...dead.map((link) => `${link} leads to no file`),
  ...deadAnchors().map((link) => `${link} leads to no heading`),
  ...warnings,
  ...newlyUndocumented(undocumented, allowed),
];
for (const problem of problems) console.error(problem);
const count = Object.values(undocumented).flat().length;
console.log(`${dist} is built, ${problems.length} problems; ${count} exports have no docstring of their own`);
process.exitCode = problems.length === 0 ? 0 : 1;
