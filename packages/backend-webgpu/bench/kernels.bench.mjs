// GFLOP/s and GB/s of each op on webgpu, lowrank's shaders beside the same op composed from tfjs's own, and the share of the
// device's peak, which a shader of nothing but multiply-adds measures. A software adapter's figures mean nothing: it gets
// small shapes, so that the script can be tried out on it.
// Needs core and this package built: node bench/kernels.bench.mjs [ms per figure] [--json]
import { webgpu } from '@lowrank/backend-webgpu';
import * as core from '@lowrank/core';
import { add, backend, grads, ones, randomNormal, tidy, util } from '@tensorflow/tfjs-core';

const json = process.argv.includes('--json');
const budget = Number(process.argv.find((value) => /^\d+$/.test(value)) ?? 300);

const ours = webgpu();
// Packed weights have no way of tfjs's own that works here.
const stock = { ...webgpu(), kernels: { dequantise: ours.kernels.dequantise } };
await core.useBackend(ours);
const { device, version } = ours.capabilities();
const software = /swiftshader|llvmpipe/i.test(device);
const gpu = backend().device;
const peak = await peakGflops();

const results = [];
for (const shape of [
  {
    name: 'MiniLM-L6',
    batch: 8,
    seq: 128,
    hidden: 384,
    inner: 1536,
    heads: 12,
    kvHeads: 12,
    vocab: 30522,
    causal: false,
  },
  {
    name: 'SmolLM2-135M',
    batch: 1,
    seq: 256,
    hidden: 576,
    inner: 1536,
    heads: 9,
    kvHeads: 3,
    vocab: 49152,
    causal: true,
  },
]) {
  for (const work of works(software ? small(shape) : shape)) results.push(await measure(shape.name, work));
}
report();

function small(shape) {
  return { ...shape, batch: 1, seq: 8, hidden: 8 * shape.heads, inner: 128, vocab: 100 };
}

/** Every op at the sizes of a model: its inputs, floating-point operations and bytes, forward or with gradients. */
function* works({ batch, seq, hidden, inner, heads, kvHeads, vocab, causal }) {
  const rows = batch * seq;
  const [rank, headDim] = [8, hidden / heads];
  const x = [rows, hidden];
  const [weight, square, bias] = [randomNormal([hidden, inner]), randomNormal([hidden, hidden]), ones([hidden])];
  const product = 2 * rows * hidden * inner;
  const linear = (w) => (x) => core.frozenLinear(x, w);
  const bytes = (...sizes) => 4 * sizes.reduce((total, size) => total + size, 0);
  yield* both(
    'frozen linear',
    [x],
    linear(weight),
    product,
    product,
    bytes(rows * hidden, hidden * inner, rows * inner),
  );
  for (const format of ['int8', 'nf4', 'q4']) {
    const packed = core.BlockWeight.fromRows(new Float32Array(inner * hidden).fill(0.1), [inner, hidden], format);
    yield* both(
      `frozen linear ${format}`,
      [x],
      linear(packed),
      product,
      product,
      bytes(rows * hidden, rows * inner) + packed.bytes,
    );
    packed.dispose();
  }
  const narrow = 2 * rows * hidden * rank;
  const lora = (x, a, b) => core.loraLinear(x, { weight: square, a, b, scaling: 2 });
  yield* both(
    'LoRA linear r=8',
    [x, [hidden, rank], [rank, hidden]],
    lora,
    2 * rows * hidden ** 2 + 2 * narrow,
    2 * rows * hidden ** 2 + 4 * narrow,
    bytes(2 * rows * hidden, hidden ** 2),
  );
  const scores = 4 * batch * heads * seq * seq * headDim * (causal ? 0.5 : 1);
  const keys = [batch, kvHeads, seq, headDim];
  yield* both(
    'attention',
    [[batch, heads, seq, headDim], keys, keys],
    (q, k, v) => core.attention(q, k, v, { causal }),
    scores,
    3.5 * scores,
    bytes(4 * rows * hidden),
  );
  const values = rows * hidden;
  yield* both('RMSNorm', [x], (x) => core.rmsNorm(x, bias, 1e-6), 4 * values, 8 * values, bytes(2 * values));
  yield* both(
    'layer norm',
    [x],
    (x) => core.layerNorm(x, bias, bias, 1e-5),
    7 * values,
    10 * values,
    bytes(2 * values),
  );
  yield* both(
    'GELU',
    [[rows, inner]],
    (x) => core.gelu(x),
    20 * rows * inner,
    25 * rows * inner,
    bytes(2 * rows * inner),
  );
  yield* both(
    'SwiGLU',
    [
      [rows, inner],
      [rows, inner],
    ],
    core.swiglu,
    8 * rows * inner,
    12 * rows * inner,
    bytes(3 * rows * inner),
  );
  const targets = Int32Array.from({ length: rows }, (_, row) => (row * 7919) % vocab);
  yield* both(
    'cross-entropy',
    [[rows, vocab]],
    (logits) => core.crossEntropy(logits, targets),
    4 * rows * vocab,
    4 * rows * vocab,
    bytes(rows * vocab),
  );
  const adapter = Array.from({ length: 24 }, () => [ones([hidden, rank]), ones([rank, hidden])]).flat();
  const settings = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, step: 2 };
  const parameters = 24 * 2 * hidden * rank;
  yield {
    name: 'AdamW of 48 tensors',
    shapes: [],
    flops: 12 * parameters,
    bytes: bytes(7 * parameters),
    run: () =>
      Object.values(
        core.adamw({ parameters: adapter, gradients: adapter, m: adapter, v: adapter, ...settings }),
      ).flat(),
  };
  for (const tensor of [weight, square, bias, ...adapter]) tensor.dispose();
}

function* both(name, shapes, op, forward, backward, bytes) {
  yield { name, shapes, flops: forward, bytes, run: (...inputs) => op(...inputs) };
  const gradient = grads(op);
  yield {
    name: `${name}, and gradients`,
    shapes,
    flops: forward + backward,
    bytes: 3 * bytes,
    run: (...inputs) => gradient(inputs),
  };
}

async function measure(model, { name, shapes, flops, bytes, run }) {
  const inputs = shapes.map((shape) => randomNormal(shape));
  const ms = {};
  for (const [which, used] of [
    ['ours', ours],
    ['stock', stock],
  ]) {
    await core.useBackend(used);
    ms[which] = await timed(() => tidy(() => run(...inputs)));
  }
  for (const tensor of inputs) tensor.dispose();
  const gflops = flops / ms.ours / 1e6;
  return { model, name, ms: ms.ours, stockMs: ms.stock, gflops, share: gflops / peak, gbps: bytes / ms.ours / 1e6 };
}

/** Milliseconds a call: the least of runs of as many calls as fill the budget, after two that compile. */
async function timed(work) {
  const calls = async (count) => {
    const start = performance.now();
    for (let call = 0; call < count; call++) util.flatten([work()]).forEach((tensor) => tensor?.dispose());
    await finished();
    return (performance.now() - start) / count;
  };
  await calls(2);
  const count = Math.max(1, Math.round(budget / 5 / (await calls(1))));
  const end = performance.now() + budget;
  let best = await calls(count);
  while (performance.now() < end) best = Math.min(best, await calls(count));
  return best;
}

/** Sends what tfjs has gathered, and waits until the device has done it. */
async function finished() {
  const one = tidy(() => add(ones([2000]), 1));
  await one.data();
  one.dispose();
  await gpu.queue.onSubmittedWorkDone();
}

/** What the device computes at most: chains of multiply-adds in registers, eight a lane so that none waits. */
async function peakGflops() {
  const [lanes, groups, rounds] = software ? [256, 64, 16] : [256, 4096, 1024];
  const chains = Array.from({ length: 8 }, (_, i) => i);
  const code = `@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(${lanes}) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let x = f32(id.x) * 1e-9 + 0.5;
  ${chains.map((i) => `var a${i} = vec4<f32>(x + ${i}.0);`).join(' ')}
  for (var round = 0; round < ${rounds}; round++) { ${chains.map((i) => `a${i} = fma(a${i}, vec4<f32>(x), vec4<f32>(0.5));`).join(' ')} }
  let all = ${chains.map((i) => `a${i}`).join(' + ')};
  out[id.x] = all.x + all.y + all.z + all.w;
}`;
  const module = gpu.createShaderModule({ code });
  const pipeline = gpu.createComputePipeline({ compute: { module }, layout: 'auto' });
  const buffer = gpu.createBuffer({ size: 4 * lanes * groups, usage: GPUBufferUsage.STORAGE });
  const group = gpu.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [{ binding: 0, resource: { buffer } }],
  });
  let best = Infinity;
  for (let turn = 0; turn < 6; turn++) {
    const encoder = gpu.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(groups);
    pass.end();
    await gpu.queue.onSubmittedWorkDone();
    const start = performance.now();
    gpu.queue.submit([encoder.finish()]);
    await gpu.queue.onSubmittedWorkDone();
    if (turn > 0) best = Math.min(best, performance.now() - start);
  }
  buffer.destroy();
  return (2 * 4 * chains.length * lanes * groups * rounds) / best / 1e6;
}

function report() {
  if (json) return console.log(JSON.stringify({ device, version, peakGflops: peak, results }, null, 2));
  const note = software ? ': a processor, so these figures say nothing of a graphics card' : '';
  console.log(`${device} (${version})${note}; peak ${peak.toFixed(0)} GFLOP/s\n`);
  console.log(
    '| model | op | ms | composed, ms | GFLOP/s | of peak | GB/s |\n| --- | --- | ---: | ---: | ---: | ---: | ---: |',
  );
  for (const { model, name, ms, stockMs, gflops, share, gbps } of results) {
    const cells = [
      model,
      name,
      ms.toFixed(2),
      stockMs.toFixed(2),
      gflops.toFixed(1),
      `${(100 * share).toFixed(1)} %`,
      gbps.toFixed(1),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
}
