import { describe, expect, it } from '@lowrank/testing';
import { fileSource, halvedRotary, interleavedRotary, openGguf, openSafetensors } from '@lowrank/formats';
import { golden } from '../../test/golden.js';

describe('rotary rows', () => {
  it('of two heads of six are dealt out by turns', () => {
    const data = Float32Array.from({ length: 24 }, (_, index) => index);
    const order = [0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11];
    const moved = interleavedRotary({ shape: [12, 2], data }, 2);
    expect(Array.from(moved.data)).toEqual(order.flatMap((row) => [2 * row, 2 * row + 1]));
    expect(halvedRotary(moved, 2)).toEqual({ shape: [12, 2], data });
  });

  it("of a whole base are those of llama.cpp's converter", async () => {
    const theirs = await openGguf(await fileSource(golden('gguf/base.gguf')));
    const ours = await openSafetensors(await fileSource(golden('llama-untied/model.safetensors')));
    const pairs = [
      ['blk.1.attn_q.weight', 'model.layers.1.self_attn.q_proj.weight', 4],
      ['blk.0.attn_k.weight', 'model.layers.0.self_attn.k_proj.weight', 2],
    ] as const;
    for (const [packed, plain, heads] of pairs) {
      expect(await theirs.read(packed)).not.toEqual(await ours.read(plain));
      expect(halvedRotary(await theirs.read(packed), heads)).toEqual(await ours.read(plain));
      expect(interleavedRotary(await ours.read(plain), heads)).toEqual(await theirs.read(packed));
    }
    await theirs.close();
    await ours.close();
  });
});
