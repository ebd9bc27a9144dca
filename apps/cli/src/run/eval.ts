import { causalLoss, type Quantise } from '@lowrank/models';
import { evaluateLoss, type DataFormat } from '@lowrank/trainer';
import { adapt } from '../inputs/adapted.js';
import { baseFor, taskOfAdapter } from '../inputs/adapter-facts.js';
import type { BackendChoice } from '../inputs/backend-names.js';
import { batchesOf, countOf, readData, targetsOf } from '../inputs/data.js';
import { openModel } from '../inputs/model.js';
import { sequenceFor } from '../inputs/sequence.js';
import { taskFor } from '../inputs/task.js';
import { reporter } from '../output/reporter.js';
import { countText } from '../output/units.js';
import { evalClassifier } from './eval-classifier.js';

export interface EvalFlags {
  model?: string;
  quantise?: Quantise;
  adapter?: string;
  data: string[];
  format?: DataFormat;
  textColumn?: string;
  labelColumn?: string;
  pairColumn?: string;
  batch: number;
  sequence?: number;
  merge?: boolean;
  backend: BackendChoice;
  offline?: boolean;
  json?: boolean;
}

/** Prints the mean loss of a model on its data's targets, in nats a token, and its perplexity; or what a classifier scores. */
export async function runEval(flags: EvalFlags): Promise<void> {
  const task = flags.adapter === undefined ? undefined : await taskOfAdapter(flags.adapter, flags);
  const model = await baseFor(flags, flags);
  return (await taskFor({ ...flags, task })) === 'classify'
    ? evalClassifier({ ...flags, model })
    : evalLanguage({ ...flags, model });
}

async function evalLanguage(flags: EvalFlags & { model: string }): Promise<void> {
  const out = reporter(flags.json ?? false);
  const { model, tokenizer, folder } = await openModel(flags.model, flags);
  using _ = model;
  const seq = sequenceFor(model, flags.sequence);
  const data = await readData(flags.data, { folder, tokenizer, seq, format: flags.format, field: flags.textColumn });
  if (data.notice) out.line(`notice: ${data.notice}`);
  using manager = await adapt(model, flags.adapter, flags);
  if (flags.merge) await manager.merge();
  const batches = batchesOf(data, { batch: flags.batch, shuffle: false });
  const loss = await evaluateLoss({ loss: (batch, context) => causalLoss(model, batch, context), batches });
  const tokens = targetsOf(data);
  const perplexity = Math.exp(loss);
  out.event({
    type: 'result',
    loss,
    perplexity,
    tokens,
    format: data.format,
    [data.format === 'text' ? 'windows' : 'examples']: countOf(data),
    notice: data.notice ?? null,
    quantise: flags.quantise ?? null,
  });
  if (!flags.json)
    out.line(
      `loss ${loss.toFixed(4)} nats a token, perplexity ${perplexity.toFixed(2)}, over ${countText(tokens)} tokens`,
    );
}
