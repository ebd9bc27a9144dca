import {
  cast,
  concat,
  gather,
  log,
  max,
  mul,
  oneHot,
  reshape,
  scalar,
  slice,
  softmax,
  sub,
  sum,
  tensor1d,
  tidy,
  zeros,
  type Scalar,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
} from '@tensorflow/tfjs-core';
import { LowrankError } from '../errors/lowrank-error.js';
import { customOp } from './custom-op.js';
import { dispatch, type Composed } from './dispatch.js';

export interface CrossEntropyOptions {
  /** Rows with this target count neither in the loss nor in the mean. */
  ignoreIndex?: number;
}

/** Values of one chunk of rows: what bounds the extra memory, whatever the vocabulary. */
const chunkValues = 1 << 22;

/**
 * Mean cross-entropy in nats between `softmax(logits)` and one target a row, over the rows that count;
 * 0 when none does. Targets stay indices and rows go in chunks, so that beside the logits and their
 * gradient no second `[tokens, vocab]` matrix ever stands in memory.
 *
 * @param logits `[tokens, vocab]`
 * @param targets `[tokens]` plain numbers
 * @returns a scalar, owned by the caller.
 * @throws `shape-mismatch`, `data-invalid` for a target outside the vocabulary
 */
export function crossEntropy(
  logits: Tensor2D,
  targets: Int32Array,
  { ignoreIndex = -100 }: CrossEntropyOptions = {},
): Scalar {
  const count = countOf(targets, logits.shape, ignoreIndex);
  return customOp([logits], ([logits], save) =>
    dispatch('crossEntropy', composed, { logits, targets, ignoreIndex, count: Math.max(1, count) }, save),
  ) as Scalar;
}

const composed: Composed<'crossEntropy'> = ({ logits, targets, ignoreIndex, count }, save) => {
  const [tokens, vocab] = logits.shape;
  // tfjs has no concat of nothing, and its wasm Gather never lets go of an empty input.
  if (tokens === 0) return { value: scalar(0), gradient: () => [zeros([0, vocab])] };
  const kept = Float32Array.from(targets, (target) => (target === ignoreIndex ? 0 : 1));
  const index = targets.map((target) => (target === ignoreIndex ? 0 : target));
  const normaliser = overChunks(logits.shape, (from, rows) => logSumExp(rowsOf(logits, from, rows)));
  const picks = tensor1d(
    index.map((target, row) => row * vocab + target),
    'int32',
  );
  const losses = sub(normaliser, gather(reshape(logits, [-1]), picks));
  save([logits]);
  return { value: mul(sum(mul(losses, tensor1d(kept))), 1 / count), gradient };

  /** `(softmax(logits) - onehot(target)) · kept / count`. */
  function gradient(dy: Tensor, saved: Tensor[]): Tensor[] {
    const [logits] = saved as [Tensor2D];
    const weight = reshape(mul(tensor1d(kept), mul(dy, scalar(1 / count))), [tokens, 1]) as Tensor2D;
    const ofRows = (from: number, rows: number) => {
      // Cast apart: asked for float32, tfjs-wasm's OneHot writes integer bits.
      const truth = cast(oneHot(tensor1d(index.subarray(from, from + rows), 'int32'), vocab), 'float32');
      return mul(sub(softmax(rowsOf(logits, from, rows)), truth), rowsOf(weight, from, rows));
    };
    return [overChunks([tokens, vocab], ofRows)];
  }
};

/** How many targets count. Throws for one that no logit belongs to, which a backend would read outside the matrix. */
function countOf(targets: Int32Array, [rows, vocab]: [number, number], ignoreIndex: number): number {
  if (targets.length !== rows) {
    throw new LowrankError('shape-mismatch', {
      given: `crossEntropy: ${targets.length} targets for ${rows} rows of logits`,
      rule: 'each row has one target',
      fix: `give ${ignoreIndex} (ignoreIndex) for a row that does not count`,
    });
  }
  let count = 0;
  targets.forEach((target, row) => {
    if (target === ignoreIndex) return;
    count++;
    if (target >= 0 && target < vocab) return;
    throw new LowrankError('data-invalid', {
      given: `crossEntropy: target ${target} of row ${row}`,
      rule: `a target is 0 to ${vocab - 1}, or ${ignoreIndex} (ignoreIndex)`,
      fix: "use the model's own tokenizer, or its own class numbers",
    });
  });
  return count;
}

function overChunks([tokens, vocab]: [number, number], of: (from: number, rows: number) => Tensor): Tensor {
  const step = Math.max(1, Math.floor(chunkValues / vocab));
  const starts = Array.from({ length: Math.ceil(tokens / step) }, (_, chunk) => chunk * step);
  const parts = starts.map((from) => tidy(() => of(from, Math.min(step, tokens - from))));
  return parts.length === 1 ? (parts[0] as Tensor) : concat(parts, 0);
}

/** Some rows of a matrix; all of them without a copy. */
function rowsOf(matrix: Tensor2D, from: number, rows: number): Tensor2D {
  return rows === matrix.shape[0] ? matrix : slice(matrix, [from, 0], [rows, matrix.shape[1]]);
}

/**
 * `log Σ exp(x)` of each row, as `max(x) - log(max(softmax(x)))`: the largest probability is `exp(0) / Σ exp(x - max)`,
 * never 0, and softmax is the one exponential that every backend has a fast kernel for.
 */
function logSumExp(rows: Tensor2D): Tensor1D {
  return sub(max(rows, -1), log(max(softmax(rows), -1)));
}
