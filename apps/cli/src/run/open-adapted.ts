import type { Host } from '@lowrank/core';
import type { LoraManager } from '@lowrank/manager';
import { tensor2d, tidy, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import { adapt } from '../inputs/adapted.js';
import { openAdaptedClassifier } from '../inputs/adapted-classifier.js';
import { baseFor, taskOfAdapter } from '../inputs/adapter-facts.js';
import { openModel, type OpenOptions } from '../inputs/model.js';

/** A model of either task with an adapter on it; disposing it frees both. */
export interface Adapted extends Disposable {
  model: Host;
  manager: LoraManager;
  folder: string;
  /** Logits of a fixed run of tokens, owned by the caller. */
  probe(): Tensor;
}

/** Opens what the adapter was trained for. */
export async function openAdapted(
  flags: OpenOptions & { model?: string | undefined; adapter: string },
): Promise<Adapted> {
  const name = await baseFor(flags, flags);
  if ((await taskOfAdapter(flags.adapter, flags)) === 'classify') {
    const classifier = await openAdaptedClassifier({ ...flags, model: name });
    const { model } = classifier;
    return { ...classifier, probe: () => probed(model, (ids) => model.classify({ ids })) };
  }
  const { model, folder } = await openModel(name, flags);
  try {
    const manager = await adapt(model, flags.adapter, flags);
    const dispose = () => {
      manager.dispose();
      model.dispose();
    };
    return {
      model,
      manager,
      folder,
      probe: () => probed(model, (ids) => model.forward(ids)),
      [Symbol.dispose]: dispose,
    };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

interface Sizes {
  config: { vocabSize: number; maxPositions: number };
}

function probed({ config: { vocabSize, maxPositions } }: Sizes, logits: (ids: Tensor2D) => Tensor): Tensor {
  const ids = Array.from({ length: Math.min(64, maxPositions) }, (_, index) => (index * 7919 + 1) % vocabSize);
  return tidy(() => logits(tensor2d(ids, [1, ids.length], 'int32')));
}
