import { activationMoments, type AdapterPlan, type LabelledBatch, type TokenBatch } from '@lowrank/core';
import { LoraManager } from '@lowrank/manager';
import { activationSpectra, gradientSpectra, weightSpectra, withRanks, type Spectrum } from '@lowrank/rank';
import type { Prepared } from '../train/prepared.js';
import type { RankMethod } from './rank-methods.js';

export interface EvidenceOptions {
  by: RankMethod;
  /** The most ranks that a module may get: as many values are found. */
  most: ReadonlyMap<string, number>;
  /** Batches. */
  steps: number;
  seed: number;
  /** Of weights: look at all values, for their effective rank. */
  all?: boolean;
  onProgress: (progress: { done: number; total: number }) => void;
}

/** What a model, and its data where the method asks for them, show of each module of a plan. */
export async function evidenceOf(
  { model, batches, loss }: Pick<Prepared, 'model' | 'batches' | 'loss'>,
  plan: AdapterPlan,
  { by, most, steps, seed, all = false, onProgress }: EvidenceOptions,
): Promise<Map<string, Spectrum>> {
  const count = Math.max(...most.values());
  switch (by) {
    case 'even':
    case 'layer':
    case 'adaptive':
    case 'probes':
      return new Map();
    case 'weights':
      return await ofWeights(model, plan, { count, seed, all, onProgress });
    case 'activations': {
      const moments = await activationMoments(model, {
        paths: plan.modules.map(({ path }) => path),
        batches: Array.from({ length: steps }, (_, at) => batches.at(at)),
        forward: (batch) => loss(batch),
        counts: (batch) => counting(batch as TokenBatch | LabelledBatch),
        onBatch: (done) => onProgress({ done, total: steps }),
      });
      return activationSpectra(moments, { count });
    }
    case 'gradients': {
      using manager = new LoraManager(model);
      manager.add('probe', withRanks(plan, most), { seed });
      const parameters = manager.parameters('probe');
      return await gradientSpectra({ parameters, loss, batches }, { steps, seed, onProgress });
    }
    default:
      return by satisfies never;
  }
}

/** The `count` largest values, whether all were looked at or not. */
async function ofWeights(
  model: Prepared['model'],
  plan: AdapterPlan,
  { count, all, ...options }: Pick<EvidenceOptions, 'seed' | 'onProgress'> & { count: number; all: boolean },
): Promise<Map<string, Spectrum>> {
  if (!all) return weightSpectra(plan, model, { count, ...options });
  const spectra = await weightSpectra(plan, model, { count: 'all', ...options });
  return new Map(Array.from(spectra, ([path, of]) => [path, { ...of, values: of.values.slice(0, count) }]));
}

/** Which positions count: no filling, which is behind a text's tokens, or behind the last target of a row. */
function counting(batch: TokenBatch | LabelledBatch): ArrayLike<number> {
  if ('mask' in batch) return batch.mask;
  const { targets, seq } = batch;
  const last = (row: number) => targets.subarray(row * seq, (row + 1) * seq).findLastIndex((target) => target !== -100);
  const lengths = Array.from({ length: batch.batch }, (_, row) => last(row));
  return targets.map((_, at) => (at % seq <= lengths[Math.floor(at / seq)]! ? 1 : 0));
}
