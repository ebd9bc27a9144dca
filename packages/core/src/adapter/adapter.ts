import type { LoraConfig } from '../config/lora-config.js';

/** A tensor outside any backend. */
export interface PlainTensor {
  shape: number[];
  data: Float32Array;
}

/**
 * A trained adapter as plain data: what formats read and write, and managers take and give.
 *
 * `tensors` maps canonical names (see `loraTensorName`) to values. Factors are in lowrank's layout, A `[in, rank]` and
 * B `[rank, out]`. The own tensors of a module that is saved whole are as the base's files have them, since only the
 * base knows what the module is: the weight of a linear is `[out, in]`, with `fanInFanOut` `[in, out]`, the
 * kernel of a convolution `[out, in / groups, ...kernel]`.
 */
export interface Adapter {
  config: LoraConfig;
  tensors: Map<string, PlainTensor>;
}
