import { LowrankError } from '@lowrank/core/plan';

/** Trainable parameters of full fine-tuning and of an adapter, side by side. */
export interface ParameterEfficiency {
  baseParameters: number;
  adapterParameters: number;
  /** How much smaller the adapter is: `100 (1 - adapter / base)`. Negative when the rank is so high that it is larger. */
  reductionPercent: number;
  /** How many times smaller: `base / adapter`. */
  compression: number;
}

/**
 * What a rank-r adapter saves on one linear layer `[in, out]`: `r (in + out)` parameters instead of `in · out`.
 * Throws `config-invalid` for a size or rank that is no whole number of 1 or more.
 *
 * @see Hu et al. 2021, https://arxiv.org/abs/2106.09685, section 4.1
 */
export function parameterEfficiency(from: number, out: number, rank: number): ParameterEfficiency {
  for (const [name, value] of Object.entries({ in: from, out, rank })) {
    if (Number.isSafeInteger(value) && value > 0) continue;
    throw new LowrankError('config-invalid', {
      given: `${name}: ${value}`,
      rule: 'sizes and ranks are whole numbers of 1 or more',
      fix: 'give a value that fits',
    });
  }
  return compared(from * out, rank * (from + out));
}

export function compared(baseParameters: number, adapterParameters: number): ParameterEfficiency {
  return {
    baseParameters,
    adapterParameters,
    reductionPercent: 100 * (1 - adapterParameters / baseParameters),
    compression: baseParameters / adapterParameters,
  };
}
