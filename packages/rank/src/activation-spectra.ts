import { principalComponents, type ActivationMoments } from '@lowrank/core';
import { checkFinite } from './check-spectrum.js';
import type { Spectrum } from './strategy.js';

/**
 * The spectra of what goes into modules, about its mean and a position: the squares of the values are the variances
 * along its principal components, so that `value² / energy` is the variance that EVA calls explained. The components are
 * those of EVA's start.
 *
 * @param moments by the path of a module, from core's `activationMoments`
 * @param count how many of the largest values to find
 * @throws `not-finite` with the module
 * @see Paischer et al. 2024, https://arxiv.org/abs/2410.07170, section 3.2
 */
export function activationSpectra(
  moments: ReadonlyMap<string, ActivationMoments>,
  { count = 64 }: { count?: number | undefined } = {},
): Map<string, Spectrum> {
  return new Map(
    Array.from(moments, ([path, moment]) => {
      checkFinite(path, moment.mean);
      checkFinite(path, moment.second);
      const { variances, total } = principalComponents(moment, count);
      return [path, { values: variances.map(Math.sqrt), energy: total }];
    }),
  );
}
