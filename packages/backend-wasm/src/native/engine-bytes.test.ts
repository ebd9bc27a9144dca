import { expect, it } from '@lowrank/testing';
import { inflatedEngines } from './load-engine.js';

it('ships the bytes that its sources compile to', async () => {
  const { compile } = (await import(new URL('../../native/compile.mjs', import.meta.url).href)) as {
    compile(): Promise<Record<'relaxed' | 'plain', Uint8Array>>;
  };
  const [shipped, compiled] = [await inflatedEngines(), await compile()];
  for (const kind of ['relaxed', 'plain'] as const) {
    expect(Buffer.compare(shipped[kind], compiled[kind]), kind).toBe(0);
  }
}, 60_000);
