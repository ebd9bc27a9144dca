import { combine } from '@lowrank/combine';
import { readPeft, writePeft } from '@lowrank/formats';
import { describe, expect, it, withFolder } from '@lowrank/testing';
import { golden, goldenLogits, worst } from './goldens.js';
import { hasPackage, runPython } from './python.js';

const base = golden('llama-untied');
const adapters = [
  [golden('peft-adapter'), 0.8],
  [golden('peft-adapter-rslora'), -0.5],
  [golden('peft-kinds/llama-untied/embedding'), 1.5],
] as const;

describe.runIf(hasPackage('peft'))('adapters with patterns, rsLoRA and factors of an embedding, combined', () => {
  for (const options of [{ kind: 'cat' }, { kind: 'svd', rank: 32 }] as const) {
    it(
      `by ${options.kind} give PEFT the logits that it gives all of them at once`,
      () =>
        withFolder(async (folder) => {
          const { ids } = await goldenLogits('peft-adapter');
          const given = await Promise.all(
            adapters.map(async ([from, weight]) => ({ adapter: await readPeft(from), weight })),
          );
          await writePeft(folder, combine(given, options));
          const logits = await runPython(
            'combined_logits.py',
            base,
            folder,
            JSON.stringify(ids),
            JSON.stringify(adapters),
          );
          const { together, combined } = logits as Record<'together' | 'combined', number[][][]>;
          expect(worst(combined.flat(2), together.flat(2))).toBeLessThan(1e-5);
          const { logits: alone } = await goldenLogits('peft-adapter');
          expect(worst(combined.flat(2), alone)).toBeGreaterThan(0.01);
        }),
      60_000,
    );
  }
});
