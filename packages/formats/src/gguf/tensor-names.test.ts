import { describe, errorOf, expect, it } from '@lowrank/testing';
import { fileSource, ggufTensorName, openGguf, openSafetensors } from '@lowrank/formats';
import { golden } from '../../test/golden.js';

const nameOf = (architecture: string, tensor: string) => ggufTensorName('some.gguf', architecture, tensor);

describe("llama.cpp's name of a tensor", () => {
  it('is, for each of a Llama, the one that its converter gave', async () => {
    const theirs = await openGguf(await fileSource(golden('gguf/base.gguf')));
    const ours = await openSafetensors(await fileSource(golden('llama-untied/model.safetensors')));
    const names = Array.from(ours.tensors, ([tensor, { shape }]) => {
      const { name } = nameOf('llama', tensor)!;
      expect([name, theirs.tensors.get(name)?.shape]).toEqual([name, shape]);
      return name;
    });
    expect(new Set(names)).toEqual(new Set(theirs.tensors.keys()));
    await theirs.close();
    await ours.close();
  });

  it('says whose heads its rows are reordered by', () => {
    const attention = 'model.layers.7.self_attn';
    expect(nameOf('llama', `${attention}.q_proj.weight`)).toEqual({ name: 'blk.7.attn_q.weight', rotary: 'heads' });
    expect(nameOf('llama', `${attention}.k_proj.bias`)).toEqual({ name: 'blk.7.attn_k.bias', rotary: 'keyValueHeads' });
    expect(nameOf('llama', `${attention}.v_proj.weight`)).toEqual({ name: 'blk.7.attn_v.weight' });
    expect(nameOf('qwen2', `${attention}.q_proj.weight`)).toEqual({ name: 'blk.7.attn_q.weight' });
  });

  it('is known for what other architectures hold beside linears', () => {
    expect(nameOf('gpt2', 'transformer.wpe.weight')?.name).toBe('position_embd.weight');
    expect(nameOf('gpt2', 'transformer.h.11.ln_2.bias')?.name).toBe('blk.11.ffn_norm.bias');
    expect(nameOf('qwen3', 'model.layers.0.self_attn.k_norm.weight')?.name).toBe('blk.0.attn_k_norm.weight');
    expect(nameOf('bert', 'bert.embeddings.LayerNorm.bias')?.name).toBe('token_embd_norm.bias');
    expect(nameOf('bert', 'bert.encoder.layer.3.output.LayerNorm.weight')?.name).toBe('blk.3.layer_output_norm.weight');
  });

  it('is not made up', async () => {
    for (const tensor of ['model.layers.x.self_attn.q_proj.weight', 'model.layers.0.mlp.gate.weight', 'weight']) {
      expect(nameOf('llama', tensor)).toBeUndefined();
    }
    const error = await errorOf(async () => nameOf('lama', 'lm_head.weight'));
    expect(error).toMatchObject({ code: 'config-unsupported', fix: expect.stringContaining('llama') });
  });
});
