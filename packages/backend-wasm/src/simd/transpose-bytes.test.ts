import { expect, it } from '@lowrank/testing';
import { readFile } from 'node:fs/promises';

it('ships the bytes that its source assembles to', async () => {
  const { assemble } = (await import(new URL('../../simd/assemble.mjs', import.meta.url).href)) as {
    assemble(): Promise<string>;
  };
  expect(await readFile(new URL('transpose-bytes.ts', import.meta.url), 'utf8')).toBe(await assemble());
});
