// One point of `predict`, in a process of its own: what is predicted of a batch's step, and what is measured.
import { node } from '@lowrank/backend-node';
import { wasm } from '@lowrank/backend-wasm';
import { planAdapter, useBackend } from '@lowrank/core';
import { nodeMemory, stepMemory, stepWork, wasmMemory } from '@lowrank/efficiency';
import { readOutline } from '@lowrank/models';
import { matMul, ones, tidy } from '@tensorflow/tfjs-core';
import { forgetPeak, memoryOf } from './memory.mjs';
import { random } from './random.mjs';
import { openSubject } from './subject.mjs';

const backends = { wasm, node };
const kernels = { wasm: wasmMemory, node: nodeMemory };

const { folder, shape, backend, threads, batch, seq, steps, most, memory: fitted } = JSON.parse(process.argv[2]);
const outline = await readOutline(folder);
const { rank, alpha, targets } = shape;
const plan = planAdapter({ rank, alpha, targetModules: targets }, outline.modules);
const workload = { batch, seq, kernels: { ...kernels[backend], ...fitted } };
const predicted = stepMemory(outline, plan, workload);
if (predicted.total > most) answer({ because: `it would need ${(predicted.total / 2 ** 30).toFixed(1)} GiB` });

await useBackend(backends[backend]({ threads }));
// What the backend itself takes: a first op loads the rest of it.
tidy(() => matMul(ones([64, 64]), ones([64, 64])).dataSync());
globalThis.gc?.();
const before = memoryOf(process.pid).now;
const subject = await openSubject({ folder, shape }, randomBatch());
globalThis.gc?.();
forgetPeak(process.pid);
// What warms up is in the peak and not in the times: the first step makes tensors' memory, and JavaScript is slow at first.
const times = [];
const begun = performance.now();
while (times.length < steps || (times.length < 60 && performance.now() < begun + 2000))
  times.push((await subject.step()).ms);
const ms = times.slice(Math.ceil(0.4 * times.length));
const { peak } = memoryOf(process.pid);
const measured = peak === null ? null : peak - before;
const memory = { predicted: predicted.total, measured };
answer({ memory, work: stepWork(outline, plan, workload), ms });

function answer(of) {
  process.stdout.write(`@ ${JSON.stringify(of)}\n`);
  process.exit();
}

function randomBatch() {
  const draw = random(1);
  const whole = (count, below) => Int32Array.from({ length: count }, () => Math.floor(draw() * below));
  const ids = whole(batch * seq, shape.vocab);
  return { batch, seq, ids, targets: shape.classes ? whole(batch, shape.classes) : whole(batch * seq, shape.vocab) };
}
