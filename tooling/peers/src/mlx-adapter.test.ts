import { expect, it, withFolder } from '@lowrank/testing';
import { readMlxAdapter, readPeft, writeMlxAdapter, writePeft } from '@lowrank/formats';
import { golden, goldenLogits, worst } from './goldens.js';
import { hasPackage, runPython } from './python.js';

/** Logits are up to 6: float32 in two frameworks, each with its own order of sums. */
const tolerance = 1e-4;

async function logitsOf(peer: 'mlx' | 'peft', adapter: string, ids: number[][]): Promise<number[]> {
  const logits = await runPython('adapter_logits.py', peer, golden('llama-untied'), adapter, JSON.stringify(ids));
  return (logits as number[][][]).flat(2);
}

for (const name of ['peft-adapter', 'peft-adapter-rslora']) {
  it.runIf(hasPackage('mlx_lm'))(`MLX-LM gives ${name}, written by us, the logits of PEFT`, () =>
    withFolder(async (folder) => {
      const { ids, logits } = await goldenLogits(name);
      await writeMlxAdapter(folder, await readPeft(golden(name)));
      expect(worst(await logitsOf('mlx', folder, ids), logits)).toBeLessThan(tolerance);
    }),
  );
}

it.runIf(hasPackage('peft'))('PEFT gives the adapter that MLX-LM made, through us, the logits of MLX-LM', () =>
  withFolder(async (folder) => {
    const { ids, logits } = await goldenLogits('mlx-adapter');
    await writePeft(folder, await readMlxAdapter(golden('mlx-adapter')));
    expect(worst(await logitsOf('peft', folder, ids), logits)).toBeLessThan(tolerance);
  }),
);
