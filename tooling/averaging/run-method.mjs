import { readPeft, writePeft } from '@lowrank/formats';
import { runRounds } from '@lowrank/sweep';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { engineOf } from './engine.mjs';

/**
 * Trains one adapter in `steps` batches in all.
 *
 * @param run.average how the adapters of a round become one; without it each step is over a batch of all workers
 * @returns the adapter's folder, and the bytes that cross the network in a round, 0 without rounds
 */
export async function runMethod(task, run) {
  return run.average ? inRounds(task, { ...run, average: run.average() }) : together(task, run);
}

async function together(task, { steps, batch, learningRate, loraFa, workers, seed, out }) {
  const config = { learningRate, loraFa, seed, batch: workers * batch, data: ['0/1'] };
  await task.train({ config, steps: steps / workers }, out);
  return { adapter: out, bytes: 0 };
}

/** Each worker's adapter comes in, and the average goes out to each. */
async function inRounds(task, { steps, rounds, batch, learningRate, loraFa, workers, seed, out, average }) {
  let [start, bytes] = [undefined, 0];
  const adapter = await runRounds({
    ...{ folder: out, rounds, engine: engineOf(task, out), config: { learningRate, loraFa, seed, batch } },
    shards: Array.from({ length: workers }, (_, worker) => [`${worker}/${workers}`]),
    steps: steps / rounds / workers,
    async average(folders, to) {
      start = average(await Promise.all(folders.map((folder) => readPeft(folder))), start);
      await writePeft(to, start);
      const sizes = await Promise.all([...folders, ...folders.map(() => to)].map(bytesOf));
      bytes = sizes.reduce((sum, size) => sum + size, 0);
    },
  });
  return { adapter, bytes };
}

const bytesOf = async (folder) => (await stat(join(folder, 'adapter_model.safetensors'))).size;
