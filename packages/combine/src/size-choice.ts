import { LowrankError } from '@lowrank/core';

/** How far to cut: to a rank, or to the smallest rank that keeps this share of the squared norm. */
export type SizeChoice = { rank: number; energy?: undefined } | { energy: number; rank?: undefined };

/** Throws `config-invalid` unless there is one of the two, in its range. */
export function checkSize({ rank, energy }: { rank?: number | undefined; energy?: number | undefined }): void {
  if ((rank === undefined) === (energy === undefined)) {
    throw invalid(
      `rank ${rank} and energy ${energy}`,
      'one of the two says how far to cut',
      'give a rank or an energy',
    );
  }
  if (rank !== undefined && !(Number.isSafeInteger(rank) && rank > 0)) {
    throw invalid(`rank: ${rank}`, 'a rank is a whole number of 1 or more', 'give one, such as 8');
  }
  if (energy !== undefined && !(energy > 0 && energy <= 1)) {
    throw invalid(
      `energy: ${energy}`,
      'it is the share of the squared norm to keep, above 0 and up to 1',
      'give one, such as 0.99',
    );
  }
}

function invalid(given: string, rule: string, fix: string): LowrankError {
  return new LowrankError('config-invalid', { given, rule, fix });
}
