import { LowrankError } from '@lowrank/core';
import type { Spectrum } from './strategy.js';

/**
 * The spectrum, if it is one. Throws `not-finite`, and `config-invalid` for values that are negative, that do not fall,
 * or whose squares sum to more than the energy.
 */
export function checkSpectrum(path: string, spectrum: Spectrum): Spectrum {
  const { values, energy } = spectrum;
  checkFinite(path, [...values, energy]);
  const refuse = (given: string, rule: string) => {
    throw new LowrankError('config-invalid', {
      given: `${given} in the spectrum of "${path}"`,
      rule,
      fix: 'give singular values from the largest on, and the sum of all their squares',
    });
  };
  values.forEach((value, at) => {
    if (value < 0) refuse(String(value), 'a singular value is not negative');
    if (at > 0 && value > values[at - 1]!) refuse(`${value} after ${values[at - 1]}`, 'values fall');
  });
  const sum = values.reduce((total, value) => total + value ** 2, 0);
  if (sum > energy * (1 + 1e-4)) refuse(`energy ${energy}`, `the squares of its values sum to ${sum}`);
  return spectrum;
}

/** Throws `not-finite` where a value of a spectrum, or of what it is to be taken from, is not. */
export function checkFinite(path: string, values: ArrayLike<number>): void {
  for (let at = 0; at < values.length; at++) {
    if (!Number.isFinite(values[at])) throw notFinite(path, values[at]!);
  }
}

function notFinite(path: string, value: number): LowrankError {
  return new LowrankError('not-finite', {
    given: `${value} in the spectrum of "${path}"`,
    rule: 'singular values and their energy are finite numbers',
    fix: 'look at what it was taken from: a weight, input or gradient there is not finite',
  });
}
