import { LowrankError } from '@lowrank/core';
import { saveModel, type CausalModel, type Quantise } from '@lowrank/models';
import { max, abs, sub, tensor2d, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { adapt } from '../inputs/adapted.js';
import type { BackendChoice } from '../inputs/backend-names.js';
import { openModel } from '../inputs/model.js';
import { reporter } from '../output/reporter.js';
import { UsageError } from '../output/usage-error.js';

export interface MergeFlags {
  model: string;
  quantise?: Quantise;
  adapter: string;
  out: string;
  dtype: 'F32' | 'F16' | 'BF16';
  /** In GB. */
  maxShardSize?: number;
  overwrite?: boolean;
  backend: BackendChoice;
  offline?: boolean;
  json?: boolean;
}

/** Writes the merged model, dense, whatever the base was packed as, and says how far its logits are from those of base and adapter apart. */
export async function runMerge(flags: MergeFlags): Promise<void> {
  const out = reporter(flags.json ?? false);
  refuseExisting(flags);
  const { model, folder } = await openModel(flags.model, flags);
  using _ = model;
  using manager = await adapt(model, flags.adapter, flags);
  const apart = probe(model);
  await manager.merge();
  const difference = await largestDifference(apart, probe(model));
  const sharding = flags.maxShardSize === undefined ? {} : { maxShardSize: flags.maxShardSize * 1e9 };
  await saveModel(model, { from: folder, to: flags.out, dtype: flags.dtype, ...sharding });
  out.event({ type: 'result', out: flags.out, dtype: flags.dtype, largestLogitDifference: difference });
  if (!flags.json) {
    out.line(`merged model written to ${flags.out} (${flags.dtype})`);
    out.line(`largest difference of logits, merged from apart in float32: ${difference.toExponential(1)}`);
  }
}

/** Logits of a fixed run of tokens, `[1, seq, vocab]`. */
function probe(model: CausalModel): Tensor {
  const { vocabSize, maxPositions } = model.config;
  const ids = Array.from({ length: Math.min(64, maxPositions) }, (_, index) => (index * 7919 + 1) % vocabSize);
  return tidy(() => model.forward(tensor2d(ids, [1, ids.length], 'int32')));
}

/** Frees both. */
async function largestDifference(left: Tensor, right: Tensor): Promise<number> {
  const difference = tidy(() => max(abs(sub(left, right))));
  const [value] = await difference.data();
  for (const tensor of [left, right, difference]) tensor.dispose();
  return value as number;
}

function refuseExisting({ out, overwrite }: MergeFlags): void {
  if (overwrite || !existsSync(join(out, 'config.json'))) return;
  throw new UsageError(
    new LowrankError('file-unwritable', {
      given: `--out ${out}`,
      rule: 'there is a model in it already',
      fix: 'name another folder, or add --overwrite',
    }),
  );
}
