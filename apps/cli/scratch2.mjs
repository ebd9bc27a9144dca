import { useBackend, planAdapter } from '@lowrank/core';
import { wasm } from '@lowrank/backend-wasm';
import { loadModel, causalLoss } from '@lowrank/models';
import { LoraManager } from '@lowrank/manager';
import * as tf from '@tensorflow/tfjs-core';
await useBackend(wasm({ threads: 1 }));
const model = await loadModel('/work/main/packages/tiny-base/model');
const m = new LoraManager(model);
m.add('a', planAdapter({ rank: 8, alpha: 16, targetModules: 'all-linear' }, model.modules()));
const vars = m.parameters('a').map((p) => p.variable);
const [B, T] = [2, 256];
const ids = Int32Array.from({ length: B * T }, (_, i) => (i * 7919) % 2048);
const batch = { ids, targets: ids.map((i) => (i * 3) % 2048), batch: B, seq: T };
const mb = () => (tf.memory().numBytes / 2 ** 20).toFixed(1);
console.log('before', mb());
let peakAt = [];
const { value, grads } = tf.variableGrads(() => {
  const l = causalLoss(model, batch, { training: true, seed: 1 });
  console.log('after fwd', mb(), tf.memory().numTensors, tf.memory().numDataBuffers);
  const ids = new Set();
  let tot = 0;
  const shapes = {};
  for (const t of tf.engine().state.activeTape) {
    for (const s of t.saved ?? []) {
      if (!ids.has(s.dataId)) {
        ids.add(s.dataId);
        tot += s.size * 4;
        const k = t.kernelName + ' ' + s.shape;
        shapes[k] = (shapes[k] ?? 0) + (s.size * 4) / 2 ** 20;
      }
    }
  }
  console.log('tape saved MB', tot / 2 ** 20);
  console.log(
    Object.entries(shapes)
      .sort((a, b) => b[1] - a[1])
      .slice(0, 14),
  );
  console.log(tf.engine().state.activeTape.length);
  return l;
}, vars);
console.log('after', mb());
const p = await tf.profile(() => {
  const { value, grads } = tf.variableGrads(() => causalLoss(model, batch, { training: true, seed: 1 }), vars);
  tf.dispose([value, ...Object.values(grads)]);
  return tf.scalar(0);
});
let maxB = 0,
  at = 0;
p.kernels.forEach((k, i) => {
  if (k.totalBytesSnapshot > maxB) {
    maxB = k.totalBytesSnapshot;
    at = i;
  }
});
console.log(
  'peak',
  maxB / 2 ** 20,
  'at kernel',
  at,
  'of',
  p.kernels.length,
  p.kernels[at].name,
  p.kernels[at].outputShapes,
);
console.log(
  p.kernels
    .map((k) => Math.round(k.totalBytesSnapshot / 2 ** 20))
    .filter((_, i) => i % 20 == 0)
    .join(' '),
);
process.exit();
