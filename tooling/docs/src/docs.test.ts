// The code in READMEs and docs, against what is built: it type-checks, runs, and prints what the text after it says.
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { transformSync } from 'esbuild';
import { chromiumPath } from '@lowrank/browser';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { codeBlocks } from './code-blocks.js';
import { markdownFiles } from './markdown-files.js';
import { runBlock } from './run-block.js';
import { runInPage } from './run-in-page.js';

const here = fileURLToPath(new URL('..', import.meta.url));
const folder = join(here, '.blocks'); // below this package, so that imports resolve as a user's do
const blocks = markdownFiles().flatMap(({ path, file }) => codeBlocks(path, readFileSync(file, 'utf8')));
const fileOf = (place: string) => join(folder, place.replaceAll(/[^\w]+/g, '-'));

// The blocks of a page run in order in one folder, as its reader's do: one may read what another wrote.
const folders = new Map<string, string>();

async function folderOf(place: string): Promise<string> {
  const page = place.replace(/:\d+$/, '');
  const made = folders.get(page) ?? (await mkdtemp(join(tmpdir(), 'lowrank-docs-')));
  folders.set(page, made);
  return made;
}

afterAll(() => Promise.all(Array.from(folders.values(), (made) => rm(made, { recursive: true }))));

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const { place, code } of blocks) {
    writeFileSync(`${fileOf(place)}.ts`, code);
    writeFileSync(`${fileOf(place)}.mjs`, transformSync(code, { loader: 'ts', format: 'esm', target: 'node20' }).code);
  }
});

it('type-checks', async () => {
  const tsc = promisify(execFile)('tsc', ['-p', 'tsconfig.blocks.json'], { cwd: here });
  const problems = await tsc.then(
    () => '',
    (error: { stdout: string }) => error.stdout,
  );
  expect(problems).toBe('');
});

const wanted = chromiumPath() !== undefined || Boolean(process.env['CI']);
if (!wanted) console.warn('code for a page is not run: no Chromium is installed, and CHROMIUM_PATH is not set');
const runnable = blocks.filter(({ browser }) => wanted || !browser);

it.each(runnable)('runs: $place', async ({ place, browser, output }) => {
  const printed = await (browser
    ? runInPage(`${fileOf(place)}.mjs`)
    : runBlock(`${fileOf(place)}.mjs`, await folderOf(place)));
  expect(printed.trimEnd()).toBe((output ?? printed).trimEnd());
});
