import type { LoraConfig } from '../config/lora-config.js';

/** A tensor outside any backend. */
export interface PlainTensor {
  shape: number[];
  data: Float32Array;
}

/**
 * A trained adapter as plain data: what formats read and write, and managers take and give.
 *
 * `tensors` maps canonical names (`<path>.lora_A.weight`, see `loraTensorName`) to values in
 * lowrank's layout: A `[in, rank]`, B `[rank, out]`.
 */
export interface Adapter {
  config: LoraConfig;
  tensors: Map<string, PlainTensor>;
}
