import type { AdapterPlan, ForwardContext, Host, LabelledBatch, ModelOutline, TokenBatch } from '@lowrank/core';
import type { JsonObject } from '@lowrank/formats';
import { LoraManager } from '@lowrank/manager';
import {
  causalLoss,
  classificationLoss,
  loadClassifier,
  loadModel,
  randomFolder,
  type CausalModel,
  type EncoderModel,
} from '@lowrank/models';
import { train } from '@lowrank/trainer';
import { engine } from '@tensorflow/tfjs-core';

interface Live extends Disposable {
  model: Host & { outline: ModelOutline };
  manager: LoraManager;
  /** Trains one step on a batch and gives the heap's peak beyond what was there before it, in bytes. */
  peak(batch: number, seq: number): Promise<number>;
}

/** A model of random weights with an adapter, on the active wasm backend. */
export async function liveModel(config: JsonObject, plan: AdapterPlan): Promise<Live> {
  const folder = randomFolder(config);
  const classifier = config['model_type'] === 'bert' ? await loadClassifier(folder) : undefined;
  const causal = classifier ? undefined : await loadModel(folder);
  const model = (classifier ?? causal) as CausalModel | EncoderModel;
  const manager = new LoraManager(model);
  manager.add('live', plan);
  const loss = (batch: TokenBatch & LabelledBatch, context: ForwardContext) =>
    classifier ? classificationLoss(classifier, batch, context) : causalLoss(causal!, batch, context);
  return {
    model,
    manager,
    async peak(batch, seq) {
      const only = batchOf(batch, seq);
      const batches = { at: () => only, weight: () => 1, batchesPerEpoch: 1 };
      using heap = watchHeap();
      const events = train({ parameters: manager.parameters('live'), loss, batches, steps: 1, clipNorm: 0 });
      for await (const _ of events);
      return heap.peak();
    },
    [Symbol.dispose]() {
      manager.dispose();
      model[Symbol.dispose]();
    },
  };
}

function batchOf(batch: number, seq: number): TokenBatch & LabelledBatch {
  const ids = Int32Array.from({ length: batch * seq }, (_, index) => (7 * index) % 300);
  const labels = Int32Array.from({ length: batch }, (_, row) => row % 2);
  const mask = new Float32Array(ids.length).fill(1);
  return { ids, targets: ids, types: new Int32Array(ids.length), mask, labels, batch, seq };
}

/** What tfjs's wasm heap holds from now on, counted where it is asked for: tfjs's own count takes each view for a copy. */
function watchHeap(): { peak(): number } & Disposable {
  const { wasm } = engine().backend as unknown as { wasm: { _malloc(bytes: number): number; _free(at: number): void } };
  const { _malloc, _free } = wasm;
  const sizes = new Map<number, number>();
  let [live, peak] = [0, 0];
  wasm._malloc = (bytes) => {
    const at = _malloc(bytes);
    sizes.set(at, bytes);
    live += bytes;
    peak = Math.max(peak, live);
    return at;
  };
  wasm._free = (at) => {
    live -= sizes.get(at) ?? 0;
    sizes.delete(at);
    _free(at);
  };
  return { peak: () => peak, [Symbol.dispose]: () => void Object.assign(wasm, { _malloc, _free }) };
}
