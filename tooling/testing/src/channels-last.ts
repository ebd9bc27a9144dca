import type { PlainTensor } from '@lowrank/core';

/**
 * torch's `[batch, channels, ...space]` as `[batch, ...space, channels]`, or a kernel `[out, in, ...]` as `[..., in, out]`;
 * what has no such axes as it is.
 */
export function channelsLast({ shape, data }: PlainTensor, kernel: boolean): PlainTensor {
  if (shape.length < (kernel ? 2 : 3)) return { shape, data };
  const axes = shape.map((_, axis) => axis);
  const [first, second, ...space] = axes as [number, number, ...number[]];
  const order = kernel ? [...space, second, first] : [first, ...space, second];
  const strides = axes.map((axis) => shape.slice(axis + 1).reduce((product, side) => product * side, 1));
  const turned = order.map((axis) => shape[axis] as number);
  const values = Float32Array.from(data, (_, index) => {
    let rest = index;
    let from = 0;
    for (let axis = turned.length - 1; axis >= 0; axis--) {
      from += (rest % turned[axis]!) * strides[order[axis]!]!;
      rest = Math.floor(rest / turned[axis]!);
    }
    return data[from] as number;
  });
  return { shape: turned, data: values };
}
