import { codebooks, widenBf16, widenF16, type BlockWeight, type Kernels } from '@lowrank/core';
import { add, mul, sigmoid, square, sub, tanh, tensor2d, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';

type Required<Op extends keyof Kernels> = NonNullable<Kernels[Op]>;

/** `x + y`. */
export const residual: Required<'residual'> = ({ x, y }) => ({
  value: add(x, y),
  gradient: (dy) => [dy.clone(), dy.clone()],
});

/** `gate σ(gate) up`. */
export const swiglu: Required<'swiglu'> = ({ gate, up }, save) => {
  save([gate, up]);
  return {
    value: mul(mul(gate, sigmoid(gate)), up),
    gradient: (dy, saved) => {
      const [gate, up] = saved as [Tensor, Tensor];
      const share = sigmoid(gate);
      const slope = mul(share, add(1, mul(gate, sub(1, share))));
      return [mul(mul(dy, up), slope), mul(dy, mul(gate, share))];
    },
  };
};

/** GPT-2's GELU; declines the exact one. */
export const geluByTanh: Required<'gelu'> = ({ x, approximate }, save) => {
  if (approximate === 'none') return undefined;
  const root = Math.sqrt(2 / Math.PI);
  const bent = (x: Tensor) => tanh(mul(root, mul(x, add(1, mul(0.044715, square(x))))));
  save([x]);
  return {
    value: mul(mul(x, 0.5), add(1, bent(x))),
    gradient: (dy, saved) => {
      const [x] = saved as [Tensor];
      const t = bent(x);
      const inner = mul(root / 2, mul(x, add(1, mul(3 * 0.044715, square(x)))));
      return [mul(dy, add(mul(0.5, add(1, t)), mul(inner, sub(1, square(t)))))];
    },
  };
};

/** Packed values, byte by byte. */
export const dequantised = ({ format, packed, scales, block, shape: [features, out] }: BlockWeight): Tensor2D => {
  const bytes = new Uint8Array((packed.dataSync() as Int32Array).slice().buffer);
  const halves = { f16: widenF16, bf16: widenBf16 } as const;
  if (format === 'f16' || format === 'bf16') {
    const stored = halves[format](new Uint16Array(bytes.buffer));
    const room = packed.shape[1] * 2;
    const rows = Array.from({ length: out }, (_, o) => [...stored.subarray(o * room, o * room + features)]);
    return tensor2d(rows, [out, features]);
  }
  const [factors, blocks, row] = [scales.dataSync(), scales.shape[1], packed.shape[1] * 4];
  const values = Float32Array.from({ length: features * out }, (_, at) => {
    const [o, i] = [Math.floor(at / features), at % features];
    const scale = factors[o * blocks + Math.floor(i / block)] as number;
    if (format === 'int8') return ((bytes[o * row + i]! << 24) >> 24) * scale;
    return codebooks[format][(bytes[o * row + (i >> 1)]! >> (4 * (i % 2))) & 15]! * scale;
  });
  return tensor2d(values, [out, features]);
};
