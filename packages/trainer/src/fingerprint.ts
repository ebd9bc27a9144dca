import { LowrankError, type Checkpoint, type Json } from '@lowrank/core';
import type { BatchSource } from './data/batch-source.js';
import type { RankAllocator } from './optim/rank-allocator.js';
import type { TrainSettings } from './settings.js';

/** Every option that decides what a run computes, for its checkpoints. Names and shapes of factors are in the tensors. */
export type Fingerprint = { [key: string]: Json };

export function fingerprintOf(
  settings: TrainSettings,
  { batches, allocator }: { batches: BatchSource<unknown>; allocator?: RankAllocator | undefined },
): Fingerprint {
  const { batchesPerEpoch, fingerprint = null } = batches;
  return { ...settings, batchesPerEpoch, data: fingerprint, ...(allocator && { allocator: allocator.fingerprint }) };
}

/** Throws `checkpoint-mismatch`, naming the first key that differs. */
export function checkFingerprint(here: Fingerprint, { state, step }: Checkpoint): void {
  const there = state['run'];
  if (typeof there !== 'object' || there === null || Array.isArray(there)) {
    throw new LowrankError('checkpoint-mismatch', {
      given: 'a checkpoint without "run" in its state',
      rule: 'it was not written by a training run',
      fix: 'resume from a checkpoint that `train` has given',
    });
  }
  for (const key of new Set([...Object.keys(here), ...Object.keys(there)])) {
    if (here[key] === there[key]) continue;
    throw new LowrankError('checkpoint-mismatch', {
      given: `${key}: ${JSON.stringify(here[key])} here, ${JSON.stringify(there[key])} in the checkpoint`,
      rule: 'a run goes on with the options and data it began with',
      fix: 'give what it began with, or start a new run',
    });
  }
  const steps = Number(here['steps']);
  if (Number.isSafeInteger(step) && step >= 0 && step <= steps) return;
  throw new LowrankError('checkpoint-mismatch', {
    given: `step ${step} in the checkpoint`,
    rule: `the run has ${steps} steps`,
    fix: 'resume from another checkpoint',
  });
}
