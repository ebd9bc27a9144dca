import { describe, expect, it, withFolder } from '@lowrank/testing';
import { readPeft, writeGgufAdapter } from '@lowrank/formats';
import { join } from 'node:path';
import { golden, goldenLogits } from './goldens.js';
import { hasLlamaCpp, llamaCpp } from './llama-cpp.js';

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

function softmax(logits: number[]): number[] {
  const most = Math.max(...logits);
  const parts = logits.map((logit) => Math.exp(logit - most));
  const total = parts.reduce((sum, part) => sum + part, 0);
  return parts.map((part) => part / total);
}

/** The largest difference of two probabilities' logarithms, where PEFT's is not next to nothing. */
function worstLog(ours: number[][][], theirs: number[][][]): number {
  const [left, right] = [ours.flat(2), theirs.flat(2)];
  expect(left).toHaveLength(right.length);
  return Math.max(
    ...right.map((value, at) => (value < 1e-6 ? 0 : Math.abs(Math.log(left[at] as number) - Math.log(value)))),
  );
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
