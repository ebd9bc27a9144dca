import {
  add,
  cast,
  concat,
  customGrad,
  exp,
  gather,
  log,
  max,
  mul,
  oneHot,
  reshape,
  scalar,
  slice,
  sub,
  sum,
  tensor1d,
  tidy,
  type GradSaveFunc,
  type Scalar,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
} from '@tensorflow/tfjs-core';

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
 */
export function crossEntropy(
  logits: Tensor2D,
  targets: Int32Array,
  { ignoreIndex = -100 }: CrossEntropyOptions = {},
): Scalar {
  const [tokens, vocab] = logits.shape;
  const kept = Float32Array.from(targets, (target) => (target === ignoreIndex ? 0 : 1));
  const share = 1 / Math.max(1, kept.reduce((total, keep) => total + keep, 0));
  const index = targets.map((target) => (target === ignoreIndex ? 0 : target));
  const step = Math.max(1, Math.floor(chunkValues / vocab));

  const op = customGrad((...args) => {
    const [logits, save] = args as [Tensor2D, GradSaveFunc];
    const normaliser = joined(chunks((from, rows) => logSumExp(slice(logits, [from, 0], [rows, vocab]))));
    const picks = tensor1d(index.map((target, row) => row * vocab + target), 'int32');
    const losses = sub(normaliser, gather(reshape(logits, [-1]), picks));
    save([logits, normaliser]);
    return { value: mul(sum(mul(losses, tensor1d(kept))), share) as Scalar, gradFunc };
  });
  return tidy(() => op(logits)) as Scalar;

  /** `(softmax(logits) - onehot(target)) · kept / count`. */
  function gradFunc(dy: Tensor, saved: Tensor[]): Tensor {
    const [logits, normaliser] = saved as [Tensor2D, Tensor1D];
    const weight = mul(tensor1d(kept), mul(dy, scalar(share)));
    return joined(
      chunks((from, rows) =>
        tidy(() => {
          const lines = reshape(slice(normaliser, [from], [rows]), [rows, 1]);
          const probabilities = exp(sub(slice(logits, [from, 0], [rows, vocab]), lines));
          // Cast apart: asked for float32, tfjs-wasm's OneHot writes integer bits.
          const truth = cast(oneHot(tensor1d(index.subarray(from, from + rows), 'int32'), vocab), 'float32');
          return mul(sub(probabilities, truth), reshape(slice(weight, [from], [rows]), [rows, 1]));
        }),
      ),
    );
  }

  function chunks<Value>(of: (from: number, rows: number) => Value): Value[] {
    const starts = Array.from({ length: Math.ceil(tokens / step) }, (_, chunk) => chunk * step);
    return starts.map((from) => of(from, Math.min(step, tokens - from)));
  }
}

function joined(parts: Tensor[]): Tensor {
  return parts.length === 1 ? (parts[0] as Tensor) : concat(parts, 0);
}

function logSumExp(rows: Tensor2D): Tensor1D {
  return tidy(() => {
    const top = max(rows, -1, true);
    return reshape(add(log(sum(exp(sub(rows, top)), -1, true)), top), [-1]);
  });
}
