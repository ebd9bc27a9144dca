import { LowrankError, nearest } from '@lowrank/core/plan';
import type { Quantise } from './packing.js';

export interface LoadOptions {
  /**
   * Keeps every linear and embedding packed in blocks of 64: `int8` takes 1.06 bytes a parameter, `nf4` and `q4` 0.56.
   * `bf16` and `f16` take 2: what a checkpoint has in the same format stays to the bit, float32 is rounded to the nearest.
   * `stored` keeps what a GGUF file packs as it is there: Q8_0, Q5_0, Q6_K and Q4_0 to the bit, in int8 and q4; of
   * Q4_1, Q5_1, Q4_K and Q5_K each value moves by up to a 254th of the largest in its 32. Left out, weights are float32,
   * 4 bytes.
   */
  quantise?: Quantise | undefined;
}

const formats: Quantise[] = ['int8', 'nf4', 'q4', 'bf16', 'f16', 'stored'];

/** The options, checked. Throws `config-invalid` for a format or an option that is none. */
export function checkedOptions({ quantise, ...rest }: LoadOptions): { quantise?: Quantise } {
  for (const key of Object.keys(rest)) {
    throw new LowrankError('config-invalid', {
      given: `"${key}" in the options of loading`,
      rule: 'it is not an option',
      fix: `nearest here: ${nearest(key, ['quantise']).join(', ') || 'quantise'}`,
    });
  }
  if (quantise === undefined) return {};
  if (formats.includes(quantise)) return { quantise };
  throw new LowrankError('config-invalid', {
    given: `quantise: ${JSON.stringify(quantise)}`,
    rule: `a base is packed as ${formats.join(', ')}`,
    fix: 'leave it out for float32',
  });
}
