import { LowrankError } from '@lowrank/core/plan';
import { nonNegative } from './non-negative.js';
import { kinds, predictSeconds, type Speed, type Work } from './predict-seconds.js';

/** A step that was measured. */
export interface SpeedSample {
  work: Work;
  seconds: number;
}

/**
 * How fast a backend is by steps that were measured: least squares of relative errors over costs that are not below 0. A
 * kind of work that explains nothing costs nothing. `known` speeds, such as the products that `lowrank doctor` measures,
 * are taken as they are.
 *
 * @throws `config-invalid` without a sample, or for one that took no time or a time that is not finite
 */
export function fitSpeed(samples: SpeedSample[], known: Partial<Speed> = {}): Speed {
  for (const { seconds } of samples) if (!(seconds > 0 && Number.isFinite(seconds))) throw impossible(seconds);
  if (samples.length === 0) throw impossible(undefined);
  const open = kinds.filter((kind) => known[kind] === undefined && samples.some(({ work }) => work[kind] > 0));
  const rows = samples.map(({ work, seconds }) => ({
    columns: open.map((kind) => work[kind] / seconds),
    rest: 1 - predictSeconds(work, known) / seconds,
  }));
  const costs = nonNegative(rows, open.length);
  const fitted: Partial<Speed> = Object.fromEntries(open.map((kind, index) => [kind, 1 / (costs[index] as number)]));
  return Object.fromEntries(kinds.map((kind) => [kind, known[kind] ?? fitted[kind] ?? Infinity])) as Speed;
}

function impossible(seconds: number | undefined): LowrankError {
  return new LowrankError('config-invalid', {
    given: seconds === undefined ? 'no measured step' : `a step of ${seconds} seconds`,
    rule: 'speeds come of at least one step, each of a time above 0',
    fix: 'measure some steps of different batches',
  });
}
