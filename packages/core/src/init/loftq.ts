import { sub, tidy, type Tensor2D } from '@tensorflow/tfjs-core';
import { LowrankError } from '../errors/lowrank-error.js';
import type { BlockWeight } from '../quant/block-weight.js';
import { denseWeight } from '../quant/dense-weight.js';
import type { Factors } from './drawn-factors.js';
import { pissa, type PissaOptions } from './pissa.js';

/**
 * LoftQ's factors for a weight that lies packed: `scaling · A B` is the best approximation of that rank of what packing
 * took away, `W - Q`, so that a layer on Q starts nearer to W. The packed weight stays as it is, as with PEFT's
 * `replace_lora_weights_loftq`, which does not divide by the scaling and so is right where that is 1.
 *
 * @param weight `[in, out]`, as it was before packing
 * @throws `config-unsupported` where packing took nothing away
 * @see Li et al. 2023, https://arxiv.org/abs/2310.08659, section 3.2, one round
 */
export async function loftq(weight: Tensor2D, packed: BlockWeight, options: PissaOptions): Promise<Factors> {
  const lost = tidy(() => sub<Tensor2D>(weight, denseWeight(packed)));
  try {
    const factors = await pissa(lost, options);
    if (factors.b.every((value) => value === 0)) throw nothingLost();
    return factors;
  } finally {
    lost.dispose();
  }
}

function nothingLost(): LowrankError {
  return new LowrankError('config-unsupported', {
    given: 'init "loftq" for a weight that is the same packed',
    rule: 'it makes up for what packing takes away',
    fix: 'give the weights of the checkpoint from before it was packed, or take another init',
  });
}
