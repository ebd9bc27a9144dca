import { dispose, keep, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { LowrankError } from '../errors/lowrank-error.js';
import type { Host } from '../host/host.js';
import { inputSums, MomentSums, type InputSums } from './moment-sums.js';
import { watched } from './watched.js';

/** What a linear was given, over the positions of some batches. */
export interface ActivationMoments {
  /** Positions that counted, n. */
  count: number;
  /** `Σ x / n`, `[in]`. */
  mean: Float32Array;
  /** `Σ xᵀ x / n`, `[in, in]`, row after row and symmetric; not centred. */
  second: Float32Array;
}

export interface ActivationMomentsOptions<Batch> {
  /** Linears by their path, adapted or not. */
  paths: Iterable<string>;
  batches: Iterable<Batch> | AsyncIterable<Batch>;
  /** Sends a batch through the host; runs in a `tidy`, and what it gives is let go. */
  forward: (batch: Batch) => unknown;
  /** 1 for a position that counts and 0 for one that does not, such as padding: one for each row of `[..., in]`. */
  counts?: (batch: Batch) => ArrayLike<number>;
  /** Called after each batch. */
  onBatch?: (done: number) => void;
}

/**
 * The first and second moments of what each module is given, by path: evidence for `eva` and for ranks. Modules that
 * are given the same tensor, such as query, key and value, share one value. Each value takes `4 · in²` bytes, and a
 * batch costs a product `xᵀ x` more for each.
 *
 * @param host has a watching module in the place of each while a batch goes through; adapters that act take part
 * @throws `target-not-found` for a path, `config-unsupported` for a module that is no linear, `config-invalid` for one
 *   that the batches did not go through, `shape-mismatch` for counts that are not one a row; the host is as it was
 */
export async function activationMoments<Batch>(
  host: Pick<Host, 'get' | 'replace'>,
  { paths, batches, forward, counts, onBatch }: ActivationMomentsOptions<Batch>,
): Promise<Map<string, ActivationMoments>> {
  const wanted = [...new Set(paths)];
  for (const path of wanted) checkLinear(path, host.get(path).kind);
  const sums = new MomentSums();
  let done = 0;
  for await (const batch of batches) {
    const counted = counts && Float32Array.from(counts(batch));
    const seen = watchPass(host, wanted, () => forward(batch), counted);
    try {
      await sums.add(seen);
    } finally {
      disposeSeen(seen);
    }
    onBatch?.(++done);
  }
  return sums.means(wanted);
}

/** The inputs of each module in one pass; where it throws, nothing is left behind. */
function watchPass(
  host: Pick<Host, 'get' | 'replace'>,
  paths: string[],
  pass: () => unknown,
  counts: Float32Array | undefined,
): Map<string, InputSums[]> {
  const before = paths.map((path) => [path, host.get(path)] as const);
  const bySource = new Map<object, InputSums>();
  const seen = new Map<string, InputSums[]>();
  const see = (path: string) => (input: Tensor) => {
    const known = bySource.get(input.dataId) ?? kept(inputSums(input, counts));
    bySource.set(input.dataId, known);
    seen.set(path, [...(seen.get(path) ?? []), known]);
  };
  try {
    for (const [path, module] of before) host.replace(path, watched(module, see(path)));
    tidy(() => void pass());
    return seen;
  } catch (error) {
    disposeSeen(seen);
    throw error;
  } finally {
    for (const [path, module] of before) host.replace(path, module);
  }
}

/** Whatever `tidy` it was made in. */
function kept(sums: InputSums): InputSums {
  keep(sums.sums);
  return sums;
}

function disposeSeen(seen: Map<string, InputSums[]>): void {
  dispose(Array.from(seen.values(), (inputs) => inputs.map(({ sums }) => sums)).flat());
}

function checkLinear(path: string, kind: string): void {
  if (kind === 'linear' || kind === 'tied-head') return;
  throw new LowrankError('config-unsupported', {
    given: `the activations of "${path}", of kind "${kind}"`,
    rule: 'moments are taken of what linears are given',
    fix: 'leave the module out',
  });
}
