// What averaging costs in held-out loss: simulated workers that share the tokens of one, into docs/averaging.md.
import { node } from '@lowrank/backend-node';
import { useBackend } from '@lowrank/core';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { optionsOf } from '../campaign/src/options.mjs';
import { readResult, writeResult } from '../campaign/src/results.mjs';
import { fill } from './fill.mjs';
import { lossTable } from './loss-table.mjs';
import { methods } from './methods.mjs';
import { runMethod } from './run-method.mjs';
import { openTask } from './task.mjs';

const settings = { steps: 256, rounds: 4, batch: 4, learningRate: 0.005 };

/** Runs that are not among the results yet, by `--seeds` and `--method`, part of its name; then the table of all. */
export async function campaign(args) {
  const { seeds, method: part, until } = optionsOf(args, { seeds: '1,2,3', method: '' });
  const found = readResult('averaging') ?? { settings, runs: [] };
  const folder = await mkdtemp(join(tmpdir(), 'lowrank-averaging-'));
  try {
    await useBackend(node());
    const task = await openTask(folder);
    found.base ??= await task.lossOf();
    for (const run of runsOf(seeds.split(',').map(Number))) {
      const { method, workers, seed } = run;
      const isSame = (other) => other.method === method && other.workers === workers && other.seed === seed;
      if (!method.includes(part) || found.runs.some(isSame) || performance.now() > until) continue;
      const start = performance.now();
      const out = join(folder, 'run');
      const { adapter, bytes } = await runMethod(task, { ...methods[method], ...settings, workers, seed, out });
      const seconds = Math.round((performance.now() - start) / 1000);
      found.runs.push({ ...run, loss: await task.lossOf(adapter), bytes, seconds });
      await rm(out, { recursive: true });
      console.log(JSON.stringify(found.runs.at(-1)));
      await writeResult('averaging', found);
    }
    task.dispose();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  await fill('losses', lossTable(found));
}

/** All methods with one seed, then with the next. */
function runsOf(seeds) {
  return seeds.flatMap((seed) =>
    Object.entries(methods).flatMap(([method, { counts }]) => counts.map((workers) => ({ method, workers, seed }))),
  );
}
