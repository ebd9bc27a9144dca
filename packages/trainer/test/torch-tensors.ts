import type { PlainTensor } from '@lowrank/core';
import { fileSource, openSafetensors } from '@lowrank/formats';

export async function readTensors(path: string): Promise<Map<string, PlainTensor>> {
  const file = await openSafetensors(await fileSource(path));
  const all = await file.readAll();
  await file.close();
  return all;
}

/** torch's `[batch, channels, ...space]` as `[batch, ...space, channels]`, or a kernel `[out, in, ...]` as `[..., in, out]`. */
export function channelsLast({ shape, data }: PlainTensor, kernel: boolean): PlainTensor {
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
