import {
  BlockWeight,
  dequantise,
  embeddingLookup,
  frozenLinear,
  loraLinear,
  widenBf16,
  widenF16,
  type FrozenWeight,
} from '@lowrank/core';
import { describe, errorOf, expect, it, type Tensors } from '@lowrank/testing';
import { dispose, grads, tensor2d, tidy, transpose, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';

const [out, features, rank] = [5, 75, 3]; // rows that end within eight values
const widen = { f16: widenF16, bf16: widenBf16 };

/** Values of every size that a finite weight has in the format, subnormal ones and both zeros too. */
function valuesIn(format: 'f16' | 'bf16'): Float32Array {
  const [least, most] = { f16: [0, 0x7bff], bf16: [0x3000, 0x4400] }[format] as [number, number];
  const codes = Uint16Array.from({ length: out * features }, (_, at) => {
    const size = at < 6 ? (at >> 1) * (format === 'f16' ? 1 : least) : least + ((at * 7919) % (most - least));
    return size | (at % 2 ? 0x8000 : 0);
  });
  return widen[format](codes);
}

/** The value of an op and its gradients, all in a row. */
function all(op: (...inputs: Tensor[]) => Tensor, inputs: Tensor[], dy: Tensor): number[] {
  const found = tidy(() => [op(...inputs), ...grads(op)(inputs, dy)]);
  const values = found.flatMap((each) => [...each.dataSync()]);
  dispose(found);
  return values;
}

describe('a frozen weight in 16 bits', () => {
  for (const format of ['f16', 'bf16'] as const) {
    it.onEachBackend(`${format}: gives what a checkpoint had in it to the bit, whole or by rows`, async () => {
      const values = valuesIn(format);
      const weight = BlockWeight.fromRows(values, [out, features], format);
      const [dense, ids] = [dequantise(weight), tensor2d([4, 0, 4], [1, 3], 'int32')];
      const rows = embeddingLookup(weight, ids);
      expect(await dense.data()).toEqual(values); // toEqual tells -0 from 0
      const expected = [4, 0, 4].flatMap((row) => [...values.subarray(row * features, (row + 1) * features)]);
      expect([...(await rows.data())]).toEqual(expected);
      dispose([dense, ids, rows]);
      weight.dispose();
    });

    it.onEachBackend(`${format}: computes as the dense weight does, gradients too, to the bit`, async ({ tensors }) => {
      const drawn = BlockWeight.fromRows(normal(tensors), [out, features], format);
      const dense = tidy(() => transpose<Tensor2D>(dequantise(drawn)));
      const [x, dy] = [tensors.randn([4, features]), tensors.randn([4, out])];
      const [a, b] = [tensors.randn([features, rank]) as Tensor2D, tensors.randn([rank, out]) as Tensor2D];
      const linear = (weight: FrozenWeight) => all((x) => frozenLinear(x!, weight), [x], dy);
      const lora = (weight: FrozenWeight) =>
        all((x, a, b) => loraLinear(x!, { weight, a: a as Tensor2D, b: b as Tensor2D, scaling: 2 }), [x, a, b], dy);
      expect(linear(drawn)).toEqual(linear(dense));
      expect(lora(drawn)).toEqual(lora(dense));
      dense.dispose();
      drawn.dispose();
    });

    it(`${format}: takes 2 bytes a value and 4 a row`, () => {
      const weight = BlockWeight.fromRows(new Float32Array(7 * 64), [7, 64], format);
      expect(weight.bytes).toBe(2 * 7 * 64 + 4 * 7);
      weight.dispose();
    });

    it(`${format}: refuses what is not finite, naming its row`, async () => {
      const error = await errorOf(() => BlockWeight.fromRows(Float32Array.of(1, 2, 3, NaN), [2, 2], format));
      expect(error).toMatchObject({ code: 'not-finite', given: 'NaN in row 1 of a weight' });
    });
  }

  it('rounds a float32 to the nearest, ties to even', async () => {
    const rounded = async (format: 'f16' | 'bf16', ulp: number) => {
      const values = [1 + ulp / 2, 1 + 1.5 * ulp, 1 + 0.51 * ulp, -(1 + ulp / 2)];
      const weight = BlockWeight.fromRows(Float32Array.from(values), [1, 4], format);
      const dense = dequantise(weight);
      const found = await dense.data();
      dense.dispose();
      weight.dispose();
      return [...found].map((value) => (Math.abs(value) - 1) / ulp);
    };
    expect(await rounded('f16', 2 ** -10)).toEqual([0, 2, 1, 0]);
    expect(await rounded('bf16', 2 ** -7)).toEqual([0, 2, 1, 0]);
  });

  it('holds the first value in the lower half of a word', async () => {
    const words = async (format: 'f16' | 'bf16') => {
      const weight = BlockWeight.fromRows(Float32Array.of(1, -2), [1, 2], format);
      const found = [...(await weight.packed.data())];
      weight.dispose();
      return found;
    };
    expect(await words('f16')).toEqual([0xc000_3c00 | 0, 0, 0, 0]);
    expect(await words('bf16')).toEqual([0xc000_3f80 | 0, 0, 0, 0]);
  });

  it('refuses what f16 is too small for, and bf16 takes it', async () => {
    const large = Float32Array.of(65_520); // rounds to 2^16, which f16 has not
    const error = await errorOf(() => BlockWeight.fromRows(large, [1, 1], 'f16'));
    expect(error).toMatchObject({ code: 'not-finite', given: '65520 in row 0 of a weight' });
    expect(error.fix).toContain('bf16');
    for (const [value, format] of [
      [65_519, 'f16'],
      [1e38, 'bf16'],
    ] as const) {
      BlockWeight.fromRows(Float32Array.of(value), [1, 1], format).dispose();
    }
  });
});

function normal(tensors: Tensors): Float32Array {
  return tensors.randn([out, features]).dataSync() as Float32Array;
}
