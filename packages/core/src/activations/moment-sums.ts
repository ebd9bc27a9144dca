import { concat, matMul, mul, reshape, sum, tensor2d, tidy, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import { LowrankError } from '../errors/lowrank-error.js';
import { rowsOf } from '../ops/rows.js';
import type { ActivationMoments } from './activation-moments.js';

/** What one input comes to. */
export interface InputSums {
  count: number;
  /** `Σ xᵀ x` with `Σ x` below it, `[in + 1, in]`. */
  sums: Tensor2D;
}

/** @param input `[..., in]` @param counts 1 for a row that counts, else 0 @returns with a tensor of the caller's */
export function inputSums(input: Tensor, counts: Float32Array | undefined): InputSums {
  const rows = rowsOf(input.shape);
  if (counts && counts.length !== rows) throw otherRows(counts.length, input.shape);
  const sums = tidy((): Tensor2D => {
    const flat = reshape(input, [rows, input.shape.at(-1) as number]) as Tensor2D;
    const kept: Tensor2D = counts ? mul(flat, tensor2d(counts, [rows, 1])) : flat;
    return concat([matMul(kept, flat, true, false), sum<Tensor2D>(kept, 0, true)]);
  });
  return { count: counts ? counts.reduce((total, one) => total + one, 0) : rows, sums };
}

interface Total {
  /** Whose inputs are added up; those of others that share it are the same. */
  path: string;
  count: number;
  sums: Float32Array;
}

/** Sums over batches, one for all modules that were given the same when they were first seen. */
export class MomentSums {
  readonly #totals = new Map<string, Total>();

  /** @param seen the inputs of each module in one pass, in the order in which they came */
  async add(seen: ReadonlyMap<string, readonly InputSums[]>): Promise<void> {
    const sharing = new Map<InputSums, Total>();
    for (const [path, inputs] of seen) {
      const [first] = inputs as [InputSums];
      const known = this.#totals.get(path) ?? sharing.get(first);
      const total = known ?? { path, count: 0, sums: new Float32Array(first.sums.size) };
      this.#totals.set(path, total);
      sharing.set(first, total);
      if (total.path !== path) continue;
      for (const { count, sums } of inputs) {
        const values = (await sums.data()) as Float32Array;
        total.count += count;
        for (let at = 0; at < values.length; at++) total.sums[at]! += values[at]!;
      }
    }
  }

  /** Throws `config-invalid` for a module without a position that counted. */
  means(paths: readonly string[]): Map<string, ActivationMoments> {
    const means = new Map<Total, ActivationMoments>();
    return new Map(
      paths.map((path) => {
        const total = this.#totals.get(path);
        if (!total || total.count === 0) throw nothingSeen(path);
        const mean = means.get(total) ?? meanOf(total);
        means.set(total, mean);
        return [path, mean];
      }),
    );
  }
}

/** The root of what `[in + 1, in]` has values is between in and in + 1. */
function meanOf({ count, sums }: Total): ActivationMoments {
  const size = Math.floor(Math.sqrt(sums.length));
  const values = sums.map((value) => value / count);
  return { count, mean: values.subarray(size * size), second: values.subarray(0, size * size) };
}

function nothingSeen(path: string): LowrankError {
  return new LowrankError('config-invalid', {
    given: `no activation of "${path}"`,
    rule: 'the batches must go through each module, with a position that counts at least',
    fix: 'give a batch or more, and a `forward` that runs the module',
  });
}

function otherRows(counts: number, shape: number[]): LowrankError {
  return new LowrankError('shape-mismatch', {
    given: `${counts} counts for an input of shape [${shape.join(', ')}]`,
    rule: 'there must be one for each row of all axes but the last',
    fix: 'give `counts` of the length batch times seq',
  });
}
