import { LowrankError } from '@lowrank/core';
import { saveModel, type Quantise } from '@lowrank/models';
import { max, abs, sub, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BackendChoice } from '../inputs/backend-names.js';
import { openAdapted } from './open-adapted.js';
import { reporter } from '../output/reporter.js';
import { UsageError } from '../output/usage-error.js';

export interface MergeFlags {
  model?: string;
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
  using opened = await openAdapted(flags);
  const { model, manager, folder, probe } = opened;
  const apart = probe();
  await manager.merge();
  const difference = await largestDifference(apart, probe());
  const sharding = flags.maxShardSize === undefined ? {} : { maxShardSize: flags.maxShardSize * 1e9 };
  await saveModel(model, { from: folder, to: flags.out, dtype: flags.dtype, ...sharding });
  out.event({ type: 'result', out: flags.out, dtype: flags.dtype, largestLogitDifference: difference });
  if (!flags.json) {
    out.line(`merged model written to ${flags.out} (${flags.dtype})`);
    out.line(`largest difference of logits, merged from apart in float32: ${difference.toExponential(1)}`);
  }
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
