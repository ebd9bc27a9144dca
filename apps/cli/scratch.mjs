import { useBackend, planAdapter } from '@lowrank/core';
import { wasm } from '@lowrank/backend-wasm';
import { loadModel, causalLoss, loadTokenizer } from '@lowrank/models';
import { LoraManager } from '@lowrank/manager';
import * as tf from '@tensorflow/tfjs-core';
const b = wasm();
await useBackend(b);
console.log(b.capabilities());
const model = await loadModel('/work/main/packages/tiny-base/model');
const m = new LoraManager(model);
m.add('a', planAdapter({ rank: 8, alpha: 16, targetModules: 'all-linear' }, model.modules()));
const vars = m.parameters('a').map((p) => p.variable);
const [B, T] = [8, 256];
const ids = Int32Array.from({ length: B * T }, (_, i) => (i * 7919) % 2048);
const batch = { ids, targets: ids.map((i) => (i * 3) % 2048), batch: B, seq: T };
const step = () => {
  const t = performance.now();
  const { value, grads } = tf.variableGrads(() => causalLoss(model, batch, { training: true, seed: 1 }), vars);
  value.dataSync();
  tf.dispose([value, ...Object.values(grads)]);
  return performance.now() - t;
};
const fwd = () => {
  const t = performance.now();
  const v = causalLoss(model, batch);
  v.dataSync();
  v.dispose();
  return performance.now() - t;
};
step();
fwd();
console.log(
  'step',
  [step(), step(), step()].map((x) => x.toFixed(0)),
  'fwd',
  [fwd(), fwd()].map((x) => x.toFixed(0)),
  tf.memory(),
);
const p = await tf.profile(() => {
  const { value, grads } = tf.variableGrads(() => causalLoss(model, batch, { training: true, seed: 1 }), vars);
  tf.dispose([value, ...Object.values(grads)]);
  return tf.scalar(0);
});
const by = {};
for (const k of p.kernels) {
  const key = k.name;
  by[key] ??= { n: 0, ms: 0 };
  by[key].n++;
}
for (const k of p.kernels) {
  const ms = typeof k.kernelTimeMs === 'number' ? k.kernelTimeMs : await k.kernelTimeMs;
  by[k.name].ms += ms.kernelMs ?? ms;
}
console.log('peak', p.peakBytes / 2 ** 20);
console.table(Object.fromEntries(Object.entries(by).sort((a, b) => b[1].ms - a[1].ms)));
