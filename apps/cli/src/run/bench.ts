import { randomFloats, type ForwardContext, type TokenBatch } from '@lowrank/core';
import { LoraManager } from '@lowrank/manager';
import { causalLoss, type Quantise } from '@lowrank/models';
import { tokenBatches, train } from '@lowrank/trainer';
import type { LoraFlags } from '../commands/shared-options.js';
import type { BackendChoice } from '../inputs/backend-names.js';
import { planFromFlags } from '../inputs/lora.js';
import { openModel } from '../inputs/model.js';
import { sequenceFor } from '../inputs/sequence.js';
import { backendText } from '../output/backend-text.js';
import { reporter } from '../output/reporter.js';
import { bytesText, countText } from '../output/units.js';

export interface BenchFlags extends LoraFlags {
  model: string;
  quantise?: Quantise;
  batch: number;
  sequence?: number;
  steps: number;
  backend: BackendChoice;
  offline?: boolean;
  json?: boolean;
}

/** Steps that are not counted: the first ones allocate, compile and start threads. */
const warmUp = 2;

/** Prints the median time of a training step, and what it comes to. */
export async function runBench(flags: BenchFlags): Promise<void> {
  const out = reporter(flags.json ?? false);
  const { model, backend } = await openModel(flags.model, flags);
  using _ = model;
  const seq = sequenceFor(model, flags.sequence);
  const plan = planFromFlags(flags, model.modules(), { model: flags.model, taskType: 'CAUSAL_LM' });
  using manager = new LoraManager(model);
  manager.add('bench', plan, { seed: 0 });
  const windows = randomWindows({ count: flags.batch, seq, vocab: model.config.vocabSize });
  const events = train({
    parameters: manager.parameters('bench'),
    loss: (batch: TokenBatch, context?: ForwardContext) => causalLoss(model, batch, context),
    batches: tokenBatches(windows, { batch: flags.batch, shuffle: false }),
    steps: warmUp + flags.steps,
  });
  const times: number[] = [];
  for await (const event of events) {
    if (event.type !== 'step-end') continue;
    out.progress(`step ${event.step}/${event.steps}`);
    if (event.step > warmUp) times.push(event.milliseconds);
  }
  times.sort((left, right) => left - right);
  const median = times[times.length >> 1]!;
  const tokensPerSecond = (1000 * flags.batch * seq) / median;
  // KiB, of the whole process since it began.
  const peakBytes = 1024 * process.resourceUsage().maxRSS;
  const [fastest, slowest] = [times[0]!, times.at(-1)!];
  out.event({
    type: 'result',
    ...{ model: flags.model, quantise: flags.quantise ?? null, backend, batch: flags.batch, sequence: seq },
    ...{ rank: flags.rank, steps: flags.steps, msPerStep: median, fastest, slowest, tokensPerSecond, peakBytes },
  });
  if (flags.json) return;
  out.line(`${flags.model} on ${backendText(backend)}: rank ${flags.rank}, batch ${flags.batch} of ${seq} tokens`);
  out.line(`${median.toFixed(1)} ms a step (${fastest.toFixed(1)} to ${slowest.toFixed(1)} over ${flags.steps} steps)`);
  out.line(`${countText(tokensPerSecond)} tokens/s, ${bytesText(peakBytes)} at the peak of the process`);
}

/** Tokens drawn evenly, so that no real text is needed; a step's work does not depend on which they are. */
function randomWindows({ count, seq, vocab }: { count: number; seq: number; vocab: number }) {
  const draw = (seed: number) =>
    Int32Array.from(randomFloats(count * seq, { distribution: 'uniform', seed }), (value) =>
      Math.min(vocab - 1, Math.floor(Math.abs(value) * vocab)),
    );
  return { ids: draw(1), targets: draw(2), count, seq };
}
