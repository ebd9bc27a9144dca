import { LowrankError } from '../errors/lowrank-error.js';

/** @param given names the rank, and the groups that it is no multiple of */
export function indivisibleRank(given: string): LowrankError {
  return new LowrankError('config-invalid', {
    given,
    rule: 'each group takes an equal share of the rank, in PEFT too',
    fix: 'give the module a rank that is a multiple of its groups, by rankPattern, or leave it out',
  });
}
