import { randomFloats } from '../random/random-floats.js';

export type LoraInit = 'kaiming' | 'gaussian';

export interface InitialAOptions {
  in: number;
  rank: number;
  init: LoraInit;
  seed: number;
}

/**
 * How A `[in, rank]` starts; B starts at zero, so that a fresh adapter changes nothing.
 *
 * - `kaiming`: uniform on (-1/sqrt(in), 1/sqrt(in)), which is PEFT's Kaiming-uniform with a = sqrt(5)
 *   (He et al. 2015, https://arxiv.org/abs/1502.01852: bound = sqrt(6 / ((1 + a²) in))).
 * - `gaussian`: normal with deviation 1 / rank, as PEFT's `init_lora_weights="gaussian"`.
 */
export function initialA({ in: features, rank, init, seed }: InitialAOptions): Float32Array {
  const count = features * rank;
  switch (init) {
    case 'kaiming':
      return scaled(randomFloats(count, { distribution: 'uniform', seed }), 1 / Math.sqrt(features));
    case 'gaussian':
      return scaled(randomFloats(count, { distribution: 'normal', seed }), 1 / rank);
    default:
      return init satisfies never;
  }
}

function scaled(values: Float32Array, factor: number): Float32Array {
  return values.map((value) => value * factor);
}
