import { LowrankError, type BlockFormat } from '@lowrank/core';

export interface LoadOptions {
  /**
   * Keeps every linear and embedding packed in blocks of 64: `int8` takes 1.06 bytes a parameter, `nf4` and `q4` 0.56.
   * Left out, weights are float32, 4 bytes.
   */
  quantise?: BlockFormat;
}

const formats: BlockFormat[] = ['int8', 'nf4', 'q4'];

/** The options, checked: throws `config-invalid` for a format that is none. */
export function checkedOptions({ quantise }: LoadOptions): LoadOptions {
  if (quantise === undefined) return {};
  if (formats.includes(quantise)) return { quantise };
  throw new LowrankError('config-invalid', {
    given: `quantise: ${JSON.stringify(quantise)}`,
    rule: `a base is packed as ${formats.join(', ')}`,
    fix: 'leave it out for float32',
  });
}
