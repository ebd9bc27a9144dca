import { LowrankError } from '@lowrank/core/plan';

/** Throws `not-finite` for a NaN or an infinity, by its place. */
export function checkFinite(given: string, values: Float32Array): void {
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at === -1) return;
  throw new LowrankError('not-finite', {
    given: `${given} holds ${values[at]} at ${at}`,
    rule: 'an adapter holds finite numbers only',
    fix: 'take an earlier checkpoint, or train again at a lower learning rate',
  });
}
