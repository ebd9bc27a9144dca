import type { BlockFormat } from '@lowrank/core';
import { causalLoss } from '@lowrank/models';
import { evaluateLoss, tokenBatches } from '@lowrank/trainer';
import { adapt } from '../inputs/adapted.js';
import type { BackendChoice } from '../inputs/backend-names.js';
import { openModel } from '../inputs/model.js';
import { readWindows, sequenceFor } from '../inputs/windows.js';
import { reporter } from '../output/reporter.js';
import { countText } from '../output/units.js';

export interface EvalFlags {
  model: string;
  quantise?: BlockFormat;
  adapter?: string;
  data: string[];
  batch: number;
  sequence?: number;
  merge?: boolean;
  backend: BackendChoice;
  json?: boolean;
}

/** Prints the mean loss of a model on text, in nats a token, and its perplexity. */
export async function runEval(flags: EvalFlags): Promise<void> {
  const out = reporter(flags.json ?? false);
  const { model, tokenizer } = await openModel(flags.model, flags);
  using _ = model;
  const windows = await readWindows(flags.data, tokenizer, sequenceFor(model, flags.sequence));
  using manager = await adapt(model, flags.adapter);
  if (flags.merge) await manager.merge();
  const batches = tokenBatches(windows, { batch: flags.batch, shuffle: false });
  const loss = await evaluateLoss({ loss: (batch, context) => causalLoss(model, batch, context), batches });
  const tokens = windows.targets.reduce((count, target) => count + (target === -100 ? 0 : 1), 0);
  const perplexity = Math.exp(loss);
  out.event({ type: 'result', loss, perplexity, tokens, windows: windows.count, quantise: flags.quantise ?? null });
  if (!flags.json)
    out.line(
      `loss ${loss.toFixed(4)} nats a token, perplexity ${perplexity.toFixed(2)}, over ${countText(tokens)} tokens`,
    );
}
