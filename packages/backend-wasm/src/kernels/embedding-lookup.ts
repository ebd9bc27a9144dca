import { LowrankError, type EmbeddingLookupArgs, type PlainKernel } from '@lowrank/core';
import { backend, type Tensor2D } from '@tensorflow/tfjs-core';
import { intsOf, type WasmBackend } from '../heap.js';
import { workplace } from '../native/tensors.js';

/** Rows of a table, copied one by one; tfjs's own kernel reckons each value's place. */
export const embeddingLookup: PlainKernel<EmbeddingLookupArgs, Tensor2D> = ({ table, ids }) => {
  const { make, values } = workplace();
  const [vocab, hidden] = table.shape;
  const rows = make<Tensor2D>([ids.size, hidden]);
  const [from, to] = [values(table), values(rows)];
  intsOf(backend() as unknown as WasmBackend, ids).forEach((id, row) => {
    if (id < 0 || id >= vocab) throw outside(id, vocab);
    to.set(from.subarray(id * hidden, (id + 1) * hidden), row * hidden);
  });
  return rows;
};

function outside(id: number, vocab: number): LowrankError {
  return new LowrankError('data-invalid', {
    given: `embeddingLookup: id ${id}`,
    rule: `an id is 0 to ${vocab - 1}`,
    fix: "use the model's own tokenizer",
  });
}
