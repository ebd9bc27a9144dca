import { LowrankError } from '@lowrank/core';

/** One more stretch of a candidate's run. */
export interface Probe<Candidate, Run> {
  candidate: Candidate;
  /** Updates it has done when the probe ends, all rungs together. */
  steps: number;
  /** What its probe on the rung before gave as `run`; on the first rung nothing. */
  resumeFrom: Run | undefined;
}

export interface ProbeResult<Run> {
  /** The loss on what is held out. One that is not a number counts as the worst. */
  loss: number;
  /** What a longer probe goes on from, such as a checkpoint. */
  run: Run;
}

export interface HalvingOptions<Candidate, Run> {
  candidates: readonly Candidate[];
  /** Updates of the shortest probe. */
  steps: number;
  probe: (probe: Probe<Candidate, Run>) => Promise<ProbeResult<Run>>;
  /** How many times the steps grow and the candidates fall from rung to rung. Default 2. */
  factor?: number;
  signal?: AbortSignal;
}

/** What a candidate came to. */
export interface Standing<Candidate, Run> {
  candidate: Candidate;
  /** What its last probe gave, to go on from. */
  run: Run;
  /** Of its last probe. */
  loss: number;
  /** Updates it was given. */
  steps: number;
}

/**
 * Short runs of many candidates, longer ones of the better: each rung probes what is left, keeps the best
 * `⌈n / factor⌉`, and gives those `factor` times the updates, until one is left. A rung costs about as much as any
 * other, so all of it costs about `n · steps · log n`, where full runs of all would cost `n² · steps`.
 *
 * @returns all candidates, the best first; those that went further are before those that did not, and of equal losses
 * the one given first
 * @throws `config-invalid`, the signal's reason when it aborts, and what `probe` throws
 * @see Jamieson & Talwalkar 2016, https://arxiv.org/abs/1502.07943, figure 3
 */
export async function successiveHalving<Candidate, Run>({
  candidates,
  steps,
  probe,
  factor = 2,
  signal,
}: HalvingOptions<Candidate, Run>): Promise<Standing<Candidate, Run>[]> {
  check({ candidates: candidates.length, steps, factor });
  let left = candidates.map((candidate): Runner<Candidate, Run> => ({ candidate, run: undefined }));
  const beaten: Standing<Candidate, Run>[] = [];
  for (let total = steps; ; total *= factor) {
    const probed: Standing<Candidate, Run>[] = [];
    for (const { candidate, run: resumeFrom } of left) {
      signal?.throwIfAborted();
      const { loss, run } = await probe({ candidate, steps: total, resumeFrom });
      probed.push({ candidate, loss: Number.isNaN(loss) ? Infinity : loss, steps: total, run });
    }
    const ranked = probed.toSorted((one, other) => (one.loss === other.loss ? 0 : one.loss - other.loss));
    const best = ranked.slice(0, Math.ceil(ranked.length / factor));
    beaten.unshift(...ranked.slice(best.length));
    if (best.length === 1) return [...best, ...beaten];
    left = best;
  }
}

interface Runner<Candidate, Run> {
  candidate: Candidate;
  run: Run | undefined;
}

function check(counts: { candidates: number; steps: number; factor: number }): void {
  const least = { candidates: 1, steps: 1, factor: 2 };
  for (const key of ['candidates', 'steps', 'factor'] as const) {
    if (Number.isSafeInteger(counts[key]) && counts[key] >= least[key]) continue;
    throw new LowrankError('config-invalid', {
      given: `${key}: ${counts[key]}`,
      rule: `it is a whole number of ${least[key]} or more`,
      fix: 'give a value that fits',
    });
  }
}
