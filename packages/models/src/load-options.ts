import { LowrankError, nearest, type BlockFormat } from '@lowrank/core';

export interface LoadOptions {
  /**
   * Keeps every linear and embedding packed in blocks of 64: `int8` takes 1.06 bytes a parameter, `nf4` and `q4` 0.56.
   * Left out, weights are float32, 4 bytes.
   */
  quantise?: BlockFormat | undefined;
}

const formats: BlockFormat[] = ['int8', 'nf4', 'q4'];

/** The options, checked. Throws `config-invalid` for a format or an option that is none. */
export function checkedOptions({ quantise, ...rest }: LoadOptions): { quantise?: BlockFormat } {
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
