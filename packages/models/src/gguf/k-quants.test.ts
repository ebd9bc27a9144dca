import { BlockWeight, type FrozenWeight } from '@lowrank/core';
import type { GgufValue, StoredGgufTensor } from '@lowrank/formats';
import { loadModel } from '@lowrank/models';
import { expect, expectClose, it, withFolder } from '@lowrank/testing';
import { tidy } from '@tensorflow/tfjs-core';
import { join } from 'node:path';
import { ggufParts, goldenGguf, writeGguf } from '../../test/gguf.js';
import { idsTensor } from '../../test/golden.js';

const metadata = new Map<string, GgufValue>([
  ['general.architecture', 'llama'],
  ['llama.block_count', 1],
  ['llama.context_length', 8],
  ['llama.embedding_length', 512],
  ['llama.feed_forward_length', 4],
  ['llama.attention.head_count', 1],
  ['llama.attention.key_length', 2],
  ['llama.attention.value_length', 2],
  ['llama.attention.layer_norm_rms_epsilon', 1.5e-5],
]);

const ramp = (...shape: number[]): StoredGgufTensor => {
  const count = shape.reduce((product, side) => product * side, 1);
  const data = Float32Array.from({ length: count }, (_, index) => (((index * 37) % 101) - 50) / 500);
  return { type: 'F32', shape, bytes: new Uint8Array(data.buffer) };
};

it.onEachBackend('a base with K-quants computes packed what it computes dense', () =>
  withFolder(async (folder) => {
    const blocks = (await ggufParts(goldenGguf('blocks'))).tensors;
    const path = join(folder, 'model.gguf');
    const tensors = new Map<string, StoredGgufTensor>([
      ['token_embd.weight', blocks.get('Q6_K')!],
      ['blk.0.attn_norm.weight', ramp(512)],
      ['blk.0.attn_q.weight', ramp(2, 512)],
      ['blk.0.attn_k.weight', ramp(2, 512)],
      ['blk.0.attn_v.weight', ramp(2, 512)],
      ['blk.0.attn_output.weight', ramp(512, 2)],
      ['blk.0.ffn_norm.weight', ramp(512)],
      ['blk.0.ffn_gate.weight', blocks.get('Q4_K')!],
      ['blk.0.ffn_up.weight', blocks.get('Q5_K')!],
      ['blk.0.ffn_down.weight', ramp(512, 4)],
      ['output_norm.weight', ramp(512)],
    ]);
    await writeGguf(path, { metadata, tensors });
    const logitsOf = async (quantise?: 'stored') => {
      using model = await loadModel(path, { quantise });
      const table = (model.get('model.embed_tokens') as unknown as { weight: FrozenWeight }).weight;
      expect(table instanceof BlockWeight ? [table.format, table.block] : 'dense').toEqual(
        quantise ? ['int8', 16] : 'dense',
      );
      const output = tidy(() => model.forward(idsTensor([[0, 3, 1, 2]])));
      const logits = output.dataSync().slice() as Float32Array;
      output.dispose();
      return logits;
    };
    const dense = await logitsOf();
    const size = Math.max(...dense.map(Math.abs));
    expectClose(await logitsOf('stored'), dense, { atol: 0.01 * size, because: 'gates of Q4_K and Q5_K in 8 bits' });
  }),
);
