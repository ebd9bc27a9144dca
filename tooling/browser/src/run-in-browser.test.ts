import { runInBrowser } from '@lowrank/browser';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath } from './chromium.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lowrank-browser-'));
  await writeFile(join(folder, 'beside.txt'), 'beside it');
});

afterAll(() => rm(folder, { recursive: true }));

async function run(source: string, argument?: unknown): Promise<unknown> {
  const entry = join(folder, 'entry.ts');
  await writeFile(entry, source);
  return runInBrowser({ entry, argument, folders: { '/files/': folder } });
}

const wanted = chromiumPath() !== undefined || Boolean(process.env['CI']);
if (!wanted) console.warn('tests in Chromium are skipped: none is installed, and CHROMIUM_PATH is not set');

describe.runIf(wanted)('runInBrowser', () => {
  test('gives what a TypeScript function gives in a cross-origin isolated page', async () => {
    const source = 'export default (x: { n: number }) => ({ n: x.n + 1, isolated: globalThis.crossOriginIsolated });';
    expect(await run(source, { n: 1 })).toEqual({ n: 2, isolated: true });
  });

  test('serves folders, and nothing outside of them', async () => {
    const source = `export default async () => {
      const beside = await fetch('/files/beside.txt');
      const outside = await fetch('/files/%2e%2e/%2e%2e/etc/hostname');
      return [await beside.text(), outside.status];
    };`;
    expect(await run(source)).toEqual(['beside it', 404]);
  });

  test('throws what the function throws, and what the page does not catch', async () => {
    await expect(run("export default () => { throw new Error('mine'); };")).rejects.toThrow('mine');
    const uncaught = "export default () => new Promise(() => setTimeout(() => { throw new Error('late'); }));";
    await expect(run(uncaught)).rejects.toThrow('late');
  });

  test('finds a WebGPU adapter', async () => {
    const source = 'export default async () => Boolean(await (navigator as any).gpu.requestAdapter());';
    expect(await run(source)).toBe(true);
  });
});
