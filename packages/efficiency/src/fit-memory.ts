import { LowrankError } from '@lowrank/core/plan';
import type { KernelMemory } from './kernel-memory.js';
import { nonNegative } from './non-negative.js';

/** A step whose peak was measured. */
export interface MemorySample {
  /** Bytes that its tensors are predicted to take at the peak: `stepMemory` with neither `runtime` nor `overhead`. */
  tensors: number;
  /** Bytes by which the process had grown at the peak since its backend had started. */
  peak: number;
}

/** What a backend takes beside tensors, in place of a `KernelMemory`'s own figures. */
export type FittedMemory = Pick<KernelMemory, 'runtime' | 'overhead'>;

/**
 * What a backend takes beside tensors, by steps that were measured: `peak = tensors + overhead · tensors + runtime`, by least
 * squares of relative errors with neither below 0. Samples of one size are explained by `runtime` alone.
 *
 * @throws `config-invalid` without a sample, or for one with a number of bytes that is not above 0 or not finite
 */
export function fitMemory(samples: MemorySample[]): FittedMemory {
  if (samples.length === 0) throw impossible(undefined);
  for (const sample of samples)
    for (const bytes of [sample.tensors, sample.peak])
      if (!(bytes > 0 && Number.isFinite(bytes))) throw impossible(bytes);
  const rows = samples.map(({ tensors, peak }) => ({ columns: [1 / peak, tensors / peak], rest: 1 - tensors / peak }));
  const [runtime, overhead] = nonNegative(rows, 2) as [number, number];
  return { runtime, overhead };
}

function impossible(bytes: number | undefined): LowrankError {
  return new LowrankError('config-invalid', {
    given: bytes === undefined ? 'no measured step' : `a step of ${bytes} bytes`,
    rule: 'what a backend takes comes of at least one step, whose tensors and peak are finite and above 0',
    fix: 'measure some steps of different batches',
  });
}
