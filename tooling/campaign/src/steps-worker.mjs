// Trains a tiny Llama on one backend in a process of its own, and tells its memory as JSON lines: [step, tensors, bytes of tensors, resident bytes].
import { writeTask } from '@lowrank/bench/src/write-task.mjs';
import { shapes } from '@lowrank/bench/src/shapes.mjs';
import { useBackend } from '@lowrank/core';
import { encodeCheckpoint, readPeft } from '@lowrank/formats';
import { LoraManager } from '@lowrank/manager';
import { causalLoss, loadModel } from '@lowrank/models';
import { train } from '@lowrank/trainer';
import { memory } from '@tensorflow/tfjs-core';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const { backend, steps, every } = JSON.parse(process.argv[2]);

const backends = {
  async cpu() {
    await import('@tensorflow/tfjs-backend-cpu');
    return { name: 'cpu', init: async () => {}, capabilities: () => ({ threads: 1 }) };
  },
  wasm: async () => (await import('@lowrank/backend-wasm')).wasm(),
  node: async () => (await import('@lowrank/backend-node')).node(),
  webgpu: async () => (await import('@lowrank/backend-webgpu')).webgpu(),
};

await useBackend(await backends[backend]());
const name = 'campaign-llama';
const sizes = { layers: 1, hidden: 16, heads: 2, kvHeads: 1, inner: 32, vocab: 50, batch: 1, seq: 8 };
const folder = await writeTask(name, { ...shapes['tiny-llama'], ...sizes });
const model = await loadModel(folder);
const manager = new LoraManager(model);
manager.add('adapter', await readPeft(join(folder, 'adapter')));
manager.activate('adapter');
const { ids, targets, ...shape } = JSON.parse(await readFile(join(folder, 'batch.json'), 'utf8'));
const batch = { ...shape, ids: Int32Array.from(ids), targets: Int32Array.from(targets) };
const loss = (given, context) => causalLoss(model, given, context);

const events = train({
  parameters: manager.parameters('adapter'),
  loss,
  batches: { at: () => batch, weight: () => targets.length, batchesPerEpoch: 1 },
  steps,
  evaluate: { every: 10 * every, loss: () => heldOut() },
  checkpoint: { every: 10 * every, write: async (checkpoint) => void encodeCheckpoint(checkpoint) },
});
for await (const event of events) {
  if (event.type !== 'step-end' || event.step % every !== 0) continue;
  globalThis.gc();
  const { numTensors, numBytes } = memory();
  console.log(JSON.stringify([event.step, numTensors, numBytes, process.memoryUsage().rss]));
}
process.exit(0); // Dawn's threads would keep it

async function heldOut() {
  const value = loss(batch, { training: false, seed: 0 });
  const [number] = await value.data();
  value.dispose();
  return number;
}
