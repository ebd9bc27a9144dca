// At the same number of parameters: what is held out, with one rank for all modules and with each way to choose them.
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { node } from '@lowrank/backend-node';
import { useBackend } from '@lowrank/core';
import { LoraManager } from '@lowrank/manager';
import { compactAdapter } from '@lowrank/rank';
import { language } from './language-task.mjs';
import { mail } from './mail-task.mjs';
import { factorParameters, methods } from './methods.mjs';
import { writeReport } from './report.mjs';
import { trainWhole } from './train-whole.mjs';

const { values: given } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' }, // no run begins later; the next call goes on with the rest
    task: { type: 'string', default: '' },
    seeds: { type: 'string', default: '10' },
    method: { type: 'string', multiple: true, default: Object.keys(methods) },
  },
});
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const folder = join(root, 'runs', 'rank-proof');
const results = join(folder, 'results.jsonl');
await mkdir(folder, { recursive: true });
await useBackend(node());

const isDone = await doneRuns();
const until = performance.now() + 60_000 * Number(given.minutes);
for (let seed = 1; seed <= Number(given.seeds); seed++) {
  for (const method of given.method) {
    for (const task of [language, mail].filter(({ name }) => name.startsWith(given.task))) {
      const key = { task: task.name, method, seed };
      if (isDone(key) || performance.now() > until) continue;
      const line = JSON.stringify({ ...key, ...(await measured(task, key)) });
      console.log(line);
      await appendFile(results, `${line}\n`);
    }
  }
}
await writeReport(await readLines(), { root });

/** One run, from a fresh model to what is held out. */
async function measured(task, { method, seed }) {
  const run = { ...(await task.open(seed, folder)), task, seed };
  const start = performance.now();
  const { plan, allocator, updates = 0, chosen } = await methods[method](run);
  const manager = new LoraManager(run.model);
  manager.add('adapter', plan, { seed });
  await trainWhole(run, { manager, allocator });
  const seconds = (performance.now() - start) / 1000;
  const adapter = allocator && compactAdapter(await manager.adapter('adapter'), plan);
  if (adapter) {
    manager.add('compact', adapter);
    manager.activate('compact');
  }
  const scores = await run.score();
  manager.dispose();
  run.model.dispose();
  const { parameters, ranks } = adapter ? sizeOf(adapter) : planSize(plan);
  return { ...scores, parameters, choosing: updates, seconds: Math.round(seconds), chosen, ranks };
}

function planSize(plan) {
  return { parameters: factorParameters(plan), ranks: Object.fromEntries(plan.modules.map((m) => [m.path, m.rank])) };
}

function sizeOf({ tensors }) {
  const factors = [...tensors].filter(([name]) => /\.lora_[AB]\.weight$/.test(name));
  const ofB = factors.filter(([name]) => name.includes('.lora_B.'));
  return {
    parameters: factors.reduce((total, [, { data }]) => total + data.length, 0),
    ranks: Object.fromEntries(ofB.map(([name, { shape }]) => [name.replace('.lora_B.weight', ''), shape[0]])),
  };
}

async function readLines() {
  const text = await readFile(results, 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => (line ? [JSON.parse(line)] : []));
}

async function doneRuns() {
  const keyOf = ({ task, method, seed }) => [task, method, seed].join('/');
  const done = new Set((await readLines()).map(keyOf));
  return (key) => done.has(keyOf(key));
}
