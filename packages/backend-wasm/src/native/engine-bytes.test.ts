import { expect, it } from '@lowrank/testing';
import { readFile } from 'node:fs/promises';

it('ships the bytes that its sources compile to', async () => {
  const { compile } = (await import(new URL('../../native/compile.mjs', import.meta.url).href)) as {
    compile(): Promise<string>;
  };
  expect(await readFile(new URL('engine-bytes.ts', import.meta.url), 'utf8')).toBe(await compile());
}, 60_000);
