// Milliseconds of what a manager does between two requests, on wasm, with adapters of rank 8 on the query and value of
// a model of all-MiniLM-L6-v2's shape: a hot-swap, a switch, reading one from memory, a mixed batch beside a plain one.
// Needs the packages built: node bench/many.bench.mjs > many.json
import { wasm } from '@lowrank/backend-wasm';
import { FrozenLinear, hostOf, planAdapter, useBackend } from '@lowrank/core';
import { LoraManager } from '@lowrank/manager';
import { add, dispose, randomNormal, tidy } from '@tensorflow/tfjs-core';
import { cpus } from 'node:os';

const [layers, hidden, wide, batch, seq] = [6, 384, 1536, 32, 32];

await useBackend(wasm());
const linear = (from, to) => new FrozenLinear(randomNormal([from, to], 0, 0.05), randomNormal([to], 0, 0.05));
const host = hostOf(
  Object.fromEntries(
    Array.from({ length: layers }, (_, layer) => `encoder.layer.${layer}`).flatMap((layer) => [
      [`${layer}.attention.self.query`, linear(hidden, hidden)],
      [`${layer}.attention.self.key`, linear(hidden, hidden)],
      [`${layer}.attention.self.value`, linear(hidden, hidden)],
      [`${layer}.attention.output.dense`, linear(hidden, hidden)],
      [`${layer}.intermediate.dense`, linear(hidden, wide)],
      [`${layer}.output.dense`, linear(wide, hidden)],
    ]),
  ),
);
const manager = new LoraManager(host);
const plan = planAdapter({ rank: 8, alpha: 16, targetModules: ['query', 'value'] }, host.modules());
const names = Array.from({ length: batch }, (_, at) => `adapter ${at}`);
names.forEach((name, seed) => {
  manager.add(name, plan, { seed });
  for (const { variable } of manager.parameters(name)) {
    tidy(() => variable.assign(randomNormal(variable.shape, 0, 0.05)));
  }
});
const adapters = await Promise.all(names.slice(0, 2).map((name) => manager.adapter(name)));
const x = randomNormal([batch, seq, hidden]);

/** The linears of the model, one after the other; attention and norms are left out, for adapters are not in them. */
async function pass(context) {
  const output = tidy(() => {
    let state = x;
    for (let layer = 0; layer < layers; layer++) {
      const through = (name, input) => host.get(`encoder.layer.${layer}.${name}`).forward(input, context);
      const mixed = ['query', 'key', 'value'].map((name) => through(`attention.self.${name}`, state));
      const attended = through('attention.output.dense', add(add(mixed[0], mixed[1]), mixed[2]));
      state = through('output.dense', through('intermediate.dense', attended));
    }
    return state;
  });
  await output.data();
  dispose(output);
}

let turn = 0;
manager.activate(names[0]);
const figures = {
  swap: await median(() => manager.swap(names[0], adapters[++turn % 2]), 200),
  activate: await median(() => manager.activate(names[++turn % batch]), 200),
  forwardBase: await median(() => manager.withDisabled(() => pass()), 15),
  forwardOne: await median(() => pass(), 15),
  forwardOfRows: {
    1: await median(() => pass(manager.forRows(names.map(() => names[0]))), 15),
    4: await median(() => pass(manager.forRows(names.map((_, row) => names[row % 4]))), 15),
    32: await median(() => pass(manager.forRows(names)), 15),
  },
};
const unit = 'milliseconds, median';
console.log(
  JSON.stringify(
    { cpu: cpus()[0]?.model, batch, seq, rank: 8, modules: plan.modules.length, unit, ...figures },
    null,
    2,
  ),
);

async function median(work, times) {
  const took = [];
  for (let time = -2; time < times; time++) {
    const start = performance.now();
    await work();
    if (time >= 0) took.push(performance.now() - start);
  }
  return Number(took.toSorted((left, right) => left - right)[Math.floor(times / 2)].toFixed(3));
}
