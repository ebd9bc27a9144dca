import { describe, expect, it, withFolder } from '@lowrank/testing';
import { readPeft, writeGgufAdapter } from '@lowrank/formats';
import { join } from 'node:path';
import { golden, goldenLogits } from './goldens.js';
import { hasLlamaCpp, llamaCpp } from './llama-cpp.js';
import { softmax, worstLog } from './log-probabilities.js';

const llama = { architecture: 'llama', heads: 4, keyValueHeads: 2 };
const base = golden('gguf/base.gguf');

/** PEFT's own logits for a golden, as probabilities, and the ids they are for. */
async function expectedOf(name: string): Promise<{ sequences: number[][]; probabilities: number[][][] }> {
  const { ids: sequences, vocab, logits: data } = await goldenLogits(name);
  const length = sequences[0]?.length ?? 0;
  const row = (at: number) => softmax(Array.from(data.subarray(at * vocab, (at + 1) * vocab)));
  const probabilities = sequences.map((ids, index) => ids.map((_, at) => row(index * length + at)));
  return { sequences, probabilities };
}

describe('llama.cpp', () => {
  const itThere = it.runIf(hasLlamaCpp);

  itThere('gives the base the logits of Transformers', async () => {
    const { sequences, probabilities } = await expectedOf('llama-untied');
    expect(worstLog(await llamaCpp({ base, sequences }), probabilities)).toBeLessThan(tolerance);
  });

  for (const name of ['peft-adapter', 'peft-adapter-rslora']) {
    itThere(`gives ${name}, written by us, the logits of PEFT`, () =>
      withFolder(async (folder) => {
        const adapter = join(folder, 'adapter.gguf');
        await writeGgufAdapter(adapter, await readPeft(golden(name)), llama);
        const { sequences, probabilities } = await expectedOf(name);
        expect(worstLog(await llamaCpp({ base, adapter, sequences }), probabilities)).toBeLessThan(tolerance);
      }),
    );
  }

  itThere('does not when the rows of queries stay in the order of Hugging Face', () =>
    withFolder(async (folder) => {
      const adapter = join(folder, 'adapter.gguf');
      // With heads of two rows each, the order of llama.cpp is that of Hugging Face.
      await writeGgufAdapter(adapter, await readPeft(golden('peft-adapter')), {
        ...llama,
        heads: 16,
        keyValueHeads: 8,
      });
      const { sequences, probabilities } = await expectedOf('peft-adapter');
      expect(worstLog(await llamaCpp({ base, adapter, sequences }), probabilities)).toBeGreaterThan(100 * tolerance);
    }),
  );
});

/** In log-probability: float32 throughout, another order of sums. */
const tolerance = 1e-4;
