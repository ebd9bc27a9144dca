import { generate, type Quantise } from '@lowrank/models';
import { samplingOf, type SamplingFlags } from '../commands/sampling-options.js';
import { adapt } from '../inputs/adapted.js';
import { baseFor } from '../inputs/adapter-facts.js';
import type { BackendChoice } from '../inputs/backend-names.js';
import { openModel } from '../inputs/model.js';
import { reporter } from '../output/reporter.js';

export interface GenerateFlags extends SamplingFlags {
  model?: string;
  quantise?: Quantise;
  adapter?: string;
  prompt: string;
  backend: BackendChoice;
  offline?: boolean;
  json?: boolean;
}

/** Writes a continuation as it comes. */
export async function runGenerate(flags: GenerateFlags): Promise<void> {
  const { model, tokenizer } = await openModel(await baseFor(flags, flags), flags);
  using _ = model;
  using manager = await adapt(model, flags.adapter, flags);
  // Merging would give each adapted weight a copy in float32, which a packed base is there to avoid.
  if (manager.active.length > 0 && flags.quantise === undefined) await manager.merge();
  const { prompt } = flags;
  const pieces = generate(model, tokenizer, { prompt, ...samplingOf(flags) });
  const out = reporter(flags.json ?? false);
  if (!flags.json) process.stdout.write(prompt);
  let text = '';
  for await (const piece of pieces) {
    text += piece;
    if (flags.json) out.event({ type: 'text', piece });
    else process.stdout.write(piece);
  }
  out.event({ type: 'result', prompt, text });
  if (!flags.json) process.stdout.write('\n');
}
