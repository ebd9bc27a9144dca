import type { Adapter, FrozenModule, Host, PlainTensor } from '@lowrank/core';
import { scalingOf } from '@lowrank/core';
import { matMul64 } from '@lowrank/testing';
import type { Tensor } from '@tensorflow/tfjs-core';
import { paths } from './small-host.js';

/** What the small host's own linears hold; taken before adapters are on it. */
export type Base64 = Map<string, { weight: Float64Array; shape: [number, number]; bias: Float64Array | undefined }>;

/** An adapter that acts, and how much. */
export interface Acting64 {
  adapter: Adapter;
  weight?: number;
  /** Run-time factor on its scaling. */
  scale?: number;
}

export function base64(host: Host): Base64 {
  return new Map(
    paths.map((path) => {
      const { weight, bias } = host.get(path) as FrozenModule & { weight: Tensor };
      const values = (tensor: Tensor) => Float64Array.from(tensor.dataSync());
      return [path, { weight: values(weight), shape: weight.shape as [number, number], bias: bias && values(bias) }];
    }),
  );
}

/** `SmallHost.run` in float64, with `x W + bias + Σ weight · update` at each linear. @param x `[rows, 5]` */
export function run64(base: Base64, x: ArrayLike<number>, acting: Acting64[]): Float64Array {
  const [query, value] = [paths[0], paths[1]].map((path) => linear64(base, path, x, acting));
  const sum = query!.map((one, at) => one + value![at]!);
  return linear64(base, paths[2], sum, acting);
}

function linear64(base: Base64, path: string, x: ArrayLike<number>, acting: Acting64[]): Float64Array {
  const { weight, shape, bias } = base.get(path)!;
  const [from, out] = shape;
  const rows = x.length / from;
  const product = matMul64(x, weight, [rows, from, out]);
  const total = product.map((one, at) => one + (bias?.[at % out] ?? 0));
  for (const one of acting) {
    const update = update64({ path, one, x, product, weight, bias, shape });
    update.forEach((own, at) => (total[at]! += (one.weight ?? 1) * own));
  }
  return total;
}

interface Update64 {
  path: string;
  one: Acting64;
  x: ArrayLike<number>;
  product: Float64Array;
  weight: Float64Array;
  bias: Float64Array | undefined;
  shape: [number, number];
}

function update64({ path, one, x, product, weight, bias, shape: [from, out] }: Update64): Float64Array {
  const { tensors, config } = one.adapter;
  const [a, b] = [tensors.get(`${path}.lora_A.weight`), tensors.get(`${path}.lora_B.weight`)];
  const own = (name: string) => tensors.get(`${path}.${name}`);
  const trainedBias = own('bias');
  const update = new Float64Array(product.length);
  if (a && b) {
    const rank = a.shape[1]!;
    const rows = x.length / from;
    const scaling = scalingOf({ ...config, rank }) * (one.scale ?? 1);
    const low = matMul64(matMul64(x, a.data, [rows, from, rank]), b.data, [rows, rank, out]);
    const magnitude = own('lora_magnitude_vector');
    const ratio = magnitude && ratios({ magnitude, weight, a, b, scaling, shape: [from, out] });
    const onB = own('lora_B.bias');
    for (let at = 0; at < update.length; at++) {
      const factor = ratio?.[at % out] ?? 1;
      update[at] = (factor - 1) * product[at]! + factor * scaling * low[at]!;
      if (onB) update[at]! += scaling * onB.data[at % out]!;
    }
  }
  if (trainedBias) update.forEach((_, at) => (update[at]! += trainedBias.data[at % out]! - bias![at % out]!));
  return update;
}

function ratios({ magnitude, weight, a, b, scaling, shape: [from, out] }: Magnitudes): Float64Array {
  const delta = matMul64(a.data, b.data, [from, a.shape[1]!, out]);
  return Float64Array.from({ length: out }, (_, column) => {
    let squares = 0;
    for (let row = 0; row < from; row++) {
      squares += (weight[row * out + column]! + scaling * delta[row * out + column]!) ** 2;
    }
    return magnitude.data[column]! / Math.sqrt(squares);
  });
}

interface Magnitudes {
  magnitude: PlainTensor;
  weight: Float64Array;
  a: PlainTensor;
  b: PlainTensor;
  scaling: number;
  shape: [number, number];
}
