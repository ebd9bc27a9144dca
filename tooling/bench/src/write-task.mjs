import { loraConfig, loraTensorName } from '@lowrank/core';
import { encodeSafetensors, writePeft } from '@lowrank/formats';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { random } from './random.mjs';
import { linearsOf } from './shapes.mjs';

/** Of the files' layout: a folder of another number is not read. */
const version = 1;

/**
 * Writes what every contender reads, once a machine: the model as a Hugging Face folder, an adapter beside it in
 * PEFT's format, the head of an encoder, and one batch. All values are seeded, so that two machines have the same.
 *
 * @returns the folder
 */
export async function writeTask(name, shape) {
  const root = join(tmpdir(), 'lowrank-bench');
  const folder = join(root, `${name}-v${version}`);
  if (existsSync(folder)) return folder;
  await mkdir(root, { recursive: true });
  const building = await mkdtemp(join(root, 'building-'));
  const draw = random(1);
  const uniform = (sides, bound) => {
    const data = new Float32Array(sides.reduce((product, side) => product * side, 1));
    for (let index = 0; index < data.length; index++) data[index] = bound * (2 * draw() - 1);
    return { shape: sides, data };
  };
  try {
    await writeFile(join(building, 'config.json'), JSON.stringify(configOf(shape)));
    await writeFile(join(building, 'model.safetensors'), encodeSafetensors(weightsOf(shape, uniform)));
    if (shape.classes) {
      const head = new Map([['head', uniform([shape.hidden, shape.classes], 0.5)]]);
      await writeFile(join(building, 'head.safetensors'), encodeSafetensors(head));
    }
    await writePeft(join(building, 'adapter'), adapterOf(shape, uniform));
    await writeFile(join(building, 'batch.json'), JSON.stringify(batchOf(shape, draw)));
    await rename(building, folder);
  } finally {
    await rm(building, { recursive: true, force: true });
  }
  return folder;
}

function configOf({ family, hidden, layers, heads, kvHeads, inner, vocab, positions }) {
  const common = {
    model_type: family,
    hidden_size: hidden,
    intermediate_size: inner,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    vocab_size: vocab,
    max_position_embeddings: positions,
  };
  if (family === 'llama') {
    const rope = { rope_theta: 100000, rms_norm_eps: 1e-5, hidden_act: 'silu' };
    return {
      ...common,
      ...rope,
      architectures: ['LlamaForCausalLM'],
      num_key_value_heads: kvHeads,
      tie_word_embeddings: true,
    };
  }
  const dropout = { hidden_dropout_prob: 0, attention_probs_dropout_prob: 0 };
  return {
    ...common,
    ...dropout,
    architectures: ['BertModel'],
    hidden_act: 'gelu',
    type_vocab_size: 2,
    layer_norm_eps: 1e-12,
  };
}

/** In the files' layout, `[out, in]`. */
function weightsOf(shape, uniform) {
  const { family, layers, hidden, vocab, positions } = shape;
  const tensors = new Map();
  const matrix = (path, rows, columns) => tensors.set(`${path}.weight`, uniform([rows, columns], 0.06));
  const norm = (path) => {
    tensors.set(`${path}.weight`, { shape: [hidden], data: new Float32Array(hidden).fill(1) });
    if (family === 'bert') tensors.set(`${path}.bias`, uniform([hidden], 0.06));
  };
  const linear = (path, [from, to]) => {
    matrix(path, to, from);
    if (family === 'bert') tensors.set(`${path}.bias`, uniform([to], 0.06));
  };
  const block = (layer) => {
    for (const [name, size] of Object.entries(linearsOf(shape))) linear(pathOf(family, layer, name), size);
  };
  if (family === 'llama') {
    matrix('model.embed_tokens', vocab, hidden);
    for (let layer = 0; layer < layers; layer++) {
      block(layer);
      for (const name of ['input_layernorm', 'post_attention_layernorm']) norm(`model.layers.${layer}.${name}`);
    }
    norm('model.norm');
    return tensors;
  }
  matrix('embeddings.word_embeddings', vocab, hidden);
  matrix('embeddings.position_embeddings', positions, hidden);
  matrix('embeddings.token_type_embeddings', 2, hidden);
  norm('embeddings.LayerNorm');
  for (let layer = 0; layer < layers; layer++) {
    block(layer);
    for (const name of ['attention.output', 'output']) norm(`encoder.layer.${layer}.${name}.LayerNorm`);
  }
  linear('pooler.dense', [hidden, hidden]);
  return tensors;
}

function pathOf(family, layer, name) {
  if (family === 'llama')
    return `model.layers.${layer}.${name.endsWith('_proj') && /^[qkvo]_/.test(name) ? 'self_attn' : 'mlp'}.${name}`;
  return `encoder.layer.${layer}.${/^(query|key|value)$/.test(name) ? `attention.self.${name}` : name}`;
}

/** B is not zero, so that the first loss already depends on the adapter. */
function adapterOf(shape, uniform) {
  const { family, layers, rank, alpha, targets } = shape;
  const tensors = new Map();
  for (let layer = 0; layer < layers; layer++) {
    for (const name of targets) {
      const [from, to] = linearsOf(shape)[name];
      const path = pathOf(family, layer, name);
      tensors.set(loraTensorName(path, 'lora_A'), uniform([from, rank], 1 / Math.sqrt(from)));
      tensors.set(loraTensorName(path, 'lora_B'), uniform([rank, to], 0.05));
    }
  }
  return { config: loraConfig({ rank, alpha, targetModules: targets }), tensors };
}

function batchOf({ family, batch, seq, vocab, classes }, draw) {
  const whole = (count, below) => Array.from({ length: count }, () => Math.floor(draw() * below));
  if (family === 'bert') return { batch, seq, ids: whole(batch * seq, vocab), targets: whole(batch, classes) };
  const rows = Array.from({ length: batch }, () => whole(seq + 1, vocab));
  return { batch, seq, ids: rows.flatMap((row) => row.slice(0, -1)), targets: rows.flatMap((row) => row.slice(1)) };
}
